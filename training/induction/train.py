"""Trains the induction example. Minutes on one core; goes on from its last checkpoint.

    python training/induction/train.py --out CHECKPOINT.pt
"""
import argparse
import pathlib
import sys
import time

import torch
import torch.nn.functional as F

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(REPOSITORY / "examples" / "induction"))
from data import batch, repeated
from model import AttentionOnly
from words import VOCABULARY

STEPS, BATCH, LENGTH, SEED = 4000, 64, 64, 0
# In these steps every head costs something, so that few heads do the work and the others do nothing: a circuit that can be seen.
PRUNING, PENALTY = range(1200, 2800), 0.006


def second_half_loss(model: AttentionOnly) -> float:
    ids = repeated(64, 31, torch.Generator().manual_seed(12345))
    with torch.no_grad():
        logits = model(ids)
    return F.cross_entropy(logits[:, 32:-1].flatten(0, 1), ids[:, 33:].flatten()).item()


def size(model: AttentionOnly) -> torch.Tensor:
    """Sum over heads of the norm of all that belongs to a head (a group lasso): heads that are not needed vanish as a whole."""
    total = torch.zeros(())
    for layer in model.layers:
        rows = [part.unflatten(0, (layer.heads, -1)).flatten(1) for linear in (layer.query, layer.key, layer.value) for part in (linear.weight, linear.bias)]
        columns = layer.output.weight.T.unflatten(0, (layer.heads, -1)).flatten(1)
        total = total + torch.cat([*rows, columns], 1).pow(2).sum(1).add(1e-8).sqrt().sum()
    return total


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--out", type=pathlib.Path, required=True)
    out = arguments.parse_args().out
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    model = AttentionOnly(len(VOCABULARY))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, betas=(0.9, 0.98), weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1, (step + 1) / 200) * max(0.02, 1 - step / STEPS))
    generator = torch.Generator().manual_seed(SEED)
    first = 0
    if out.exists():
        state = torch.load(out)
        model.load_state_dict(state["model"]), optimizer.load_state_dict(state["optimizer"]), schedule.load_state_dict(state["schedule"])
        generator.set_state(state["generator"])
        first = state["step"]
    started = time.time()
    for step in range(first, STEPS):
        ids = batch(BATCH, LENGTH, generator)
        loss = F.cross_entropy(model(ids)[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
        optimizer.zero_grad()
        (loss + PENALTY * size(model) if step in PRUNING else loss).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if (step + 1) % 500 == 0 or step + 1 == STEPS:
            print(f"step {step + 1}: loss {loss.item():.3f}, second half {second_half_loss(model):.4f}, {time.time() - started:.0f} s", flush=True)
            torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict(),
                        "generator": generator.get_state(), "step": step + 1}, out)


if __name__ == "__main__":
    main()
