"""Random words, repeated: the only way to foretell the second half is to look up the first."""
import torch

from words import BOS, SPECIAL, VOCABULARY


def batch(size: int, length: int, generator: torch.Generator) -> torch.Tensor:
    """[size, length] ids: a start token, then a random stretch of 5 to length/2 words again and again."""
    rows = torch.full((size, length), BOS)
    for row in rows:
        period = int(torch.randint(5, length // 2 + 1, (1,), generator=generator))
        stretch = torch.randint(len(SPECIAL), len(VOCABULARY), (period,), generator=generator)
        row[1:] = stretch.repeat(length // period + 1)[: length - 1]
    return rows


def repeated(size: int, period: int, generator: torch.Generator) -> torch.Tensor:
    """[size, 2 * period + 1] ids: a start token and one random stretch, twice."""
    stretch = torch.randint(len(SPECIAL), len(VOCABULARY), (size, period), generator=generator)
    return torch.cat([torch.full((size, 1), BOS), stretch, stretch], 1)
