"""Muon (Jordan and others, 2024): momentum whose update is made orthogonal, for the matrices inside the blocks.

This one takes all matrices of one shape at once. The iteration runs in bfloat16, as its authors have it.
"""
import torch

COEFFICIENTS, ITERATIONS = (3.4445, -4.7750, 2.0315), 5


def orthogonal(stack: torch.Tensor) -> torch.Tensor:
    """Newton-Schulz: the singular values of each matrix of [n, rows, columns] brought near 1."""
    tall = stack.shape[1] > stack.shape[2]
    x = stack.mT if tall else stack
    x = (x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)).bfloat16()
    first, second, third = COEFFICIENTS
    for _ in range(ITERATIONS):
        square = x @ x.mT
        x = first * x + (second * square + third * square @ square) @ x
    return (x.mT if tall else x).float()


class Muon(torch.optim.Optimizer):
    def __init__(self, parameters, lr: float, momentum: float = 0.95, weight_decay: float = 0.01):
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            shapes = {parameter.shape for parameter in group["params"]}
            for shape in shapes:
                same = [parameter for parameter in group["params"] if parameter.shape == shape]
                updates = []
                for parameter in same:
                    moving = self.state[parameter].setdefault("moving", torch.zeros_like(parameter))
                    moving.lerp_(parameter.grad, 1 - group["momentum"])
                    updates.append(parameter.grad.lerp(moving, group["momentum"]))
                scale = max(1, shape[0] / shape[1]) ** 0.5
                for parameter, update in zip(same, orthogonal(torch.stack(updates))):
                    parameter.mul_(1 - group["lr"] * group["weight_decay"])
                    parameter.add_(update, alpha=-group["lr"] * scale)
