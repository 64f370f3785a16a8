"""The noise of causal tracing, as the engine makes it: the same deviates from the same seed, in every language."""
import math
from collections.abc import Iterator

import torch

MASK = 0xFFFFFFFF


def uniform(seed: int) -> Iterator[float]:
    """mulberry32: evenly in [0, 1)."""
    state = seed & MASK
    while True:
        state = (state + 0x6D2B79F5) & MASK
        mixed = ((state ^ (state >> 15)) * (state | 1)) & MASK
        mixed = (mixed ^ (mixed + (((mixed ^ (mixed >> 7)) * (mixed | 61)) & MASK))) & MASK
        yield ((mixed ^ (mixed >> 14)) & MASK) / 2**32


def normal(seed: int) -> Iterator[float]:
    """Box and Muller: two deviates from two uniform ones, the cosine first."""
    source = uniform(seed)
    while True:
        # Of 1 − u, which is never 0.
        radius, angle = math.sqrt(-2 * math.log(1 - next(source))), 2 * math.pi * next(source)
        yield radius * math.cos(angle)
        yield radius * math.sin(angle)


def noise(seed: int, samples: int, positions: int, width: int, deviation: float) -> torch.Tensor:
    """[samples, positions, width], drawn in that order."""
    source = normal(seed)
    drawn = [next(source) * deviation for _ in range(samples * positions * width)]
    return torch.tensor(drawn, dtype=torch.float64).view(samples, positions, width).float()
