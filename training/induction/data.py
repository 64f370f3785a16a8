"""Random words, repeated: the only way to foretell the second half is to look up the first."""
import math

import torch

from words import BOS, SPECIAL, VOCABULARY


def batch(size: int, length: int, generator: torch.Generator) -> torch.Tensor:
    """[size, length] ids: a start token, up to 8 words of no use, then a random stretch of 3 to length/2 words again and again."""
    rows = torch.full((size, length), BOS)
    for row in rows:
        # Short stretches as often as long ones, octave by octave: prompts are short.
        period = round(math.exp(math.log(3) + torch.rand(1, generator=generator).item() * math.log(length / 2 / 3)))
        gap = int(torch.randint(0, 9, (1,), generator=generator))
        words = torch.randint(len(SPECIAL), len(VOCABULARY), (gap + period,), generator=generator)
        row[1:] = torch.cat([words[:gap], words[gap:].repeat(length // period + 1)])[: length - 1]
    return rows


def repeated(size: int, period: int, generator: torch.Generator) -> torch.Tensor:
    """[size, 2 * period + 1] ids: a start token and one random stretch, twice."""
    stretch = torch.randint(len(SPECIAL), len(VOCABULARY), (size, period), generator=generator)
    return torch.cat([torch.full((size, 1), BOS), stretch, stretch], 1)
