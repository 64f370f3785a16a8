"""Trains the stories example on one core; goes on from its last checkpoint.

    python training/stories/train.py --tokenizer tokenizer.json --stories STORIES.txt --out CHECKPOINT.pt --steps 2400
"""
import argparse
import pathlib
import sys
import time

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(REPOSITORY / "examples" / "stories"))
from data import SEED, Words, batch
from heads import on_repeats
from model import Stories
from muon import Muon
from prompts import indirect_objects, scores

RATE, MUON_RATE, WARM_UP, DECAY = 1.0e-3, 0.006, 50, 0.3  # Constant rates, then down to nothing in the last DECAY of the steps.
SHAPE, MIXTURE = (48, 64), (0.15, 0.2, 0.4)  # [rows, length]; the share of rows of repeats, of sampled stories in the other rows, of gifts beforehand (see data.py).
LONG = 8, 4  # Every so-many-th step has rows so many times as long and so many times fewer: the whole context.
LOOKED_UP, UNKNOWABLE = 5, 0.05  # What can be looked up counts this much in documents, what nobody can know this much in repeats.
# Where weights begin: see `fresh`. Positions turn by QUICKEST radians a step at most, and SPAN times slower at least.
SEATS, QUICKEST, SPAN = 64, 1.8, 400
EVERY, SAVE_SECONDS = 25, 60


def fresh(vocabulary: int) -> Stories:
    """Weights to begin with, chosen so that looking back is quickly learnt; each of them is then trained like any other.

    - Positions begin as sinusoids in SEATS dimensions, which the tokens leave free at first.
    - Heads begin by comparing and by copying what is there: query and key, value and output are slices of one orthogonal matrix
      (mimetic initialisation, Trockman and Kolter 2023, with copying of positive sign, since embedding and unembedding are the same matrix).
    """
    model = Stories(vocabulary)
    for name, parameter in model.named_parameters():
        if "bias" in name:
            torch.nn.init.zeros_(parameter)
    context, dim = model.positions.weight.shape
    torch.nn.init.normal_(model.tokens.weight, std=0.1)
    model.tokens.weight.data[:, :SEATS] = 0
    half = SEATS // 2
    frequencies = QUICKEST * SPAN ** (-torch.arange(half) / half)
    angles = torch.outer(torch.arange(context), frequencies)
    model.positions.weight.data.zero_()
    model.positions.weight.data[:, :SEATS] = 0.15 * torch.stack([angles.cos(), angles.sin()], -1).flatten(1)
    for block in model.blocks:
        attention = block.attention
        compare, copy = (torch.nn.init.orthogonal_(torch.empty(dim, dim)) for _ in range(2))
        for part, matrix, scale in ((attention.query, compare, 0.6), (attention.key, compare, 0.6), (attention.value, copy, 1), (attention.output, copy.T, 0.3)):
            part.weight.data = scale * matrix + 0.01 * torch.randn(dim, dim)
        torch.nn.init.normal_(block.mlp.up.weight, std=0.04)
        torch.nn.init.normal_(block.mlp.down.weight, std=0.01)
    return model


def weights(marks: torch.Tensor, repeats: torch.Tensor) -> torch.Tensor:
    return torch.where(repeats[:, None], torch.where(marks, 1.0, UNKNOWABLE), torch.where(marks, float(LOOKED_UP), 1.0))


def means(each: torch.Tensor, marks: torch.Tensor, repeats: torch.Tensor) -> list[float]:
    """The loss of documents, of what can be looked up in them, and of what can be looked up in repeats."""
    chosen = (~repeats[:, None] & torch.ones_like(marks), ~repeats[:, None] & marks, repeats[:, None] & marks)
    return [(each * some).sum().item() / max(1, some.sum().item()) for some in chosen]


def report(model: Stories, tokenizer: Tokenizer, prompts: list) -> str:
    right, difference = scores(model, tokenizer, prompts)
    loss, heads = on_repeats(model, tokenizer, seed=7)
    best = ", ".join(f"{role} {values.max():.2f} (L{values.argmax() // values.shape[1]}H{values.argmax() % values.shape[1]})" for role, values in heads.items())
    return f"indirect objects {right:.0%} by {difference:.2f}; words again {loss['secondHalf']:.2f}; {best}"


def main() -> None:
    arguments = argparse.ArgumentParser()
    for name in ("tokenizer", "stories", "out"):
        arguments.add_argument(f"--{name}", type=pathlib.Path, required=True)
    arguments.add_argument("--steps", type=int, required=True)
    given = arguments.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    tokenizer = Tokenizer.from_file(str(given.tokenizer))
    model = fresh(tokenizer.get_vocab_size())
    matrices = {name for name, parameter in model.named_parameters() if parameter.dim() == 2 and "blocks" in name}
    parts = [[p for name, p in model.named_parameters() if (name in matrices) == inside] for inside in (True, False)]
    optimizers = [Muon(parts[0], lr=MUON_RATE), torch.optim.AdamW(parts[1], lr=RATE, betas=(0.9, 0.98), weight_decay=0)]
    rates, first = (MUON_RATE, RATE), 0
    if given.out.exists():
        state = torch.load(given.out)
        model.load_state_dict(state["model"])
        for optimizer, kept in zip(optimizers, state["optimizers"]):
            optimizer.load_state_dict(kept)
        first = state["step"]
    stories, words, prompts = given.stories.read_text().splitlines(), Words(tokenizer), indirect_objects(40, seed=7)
    started = saved = time.time()
    losses: list[list[float]] = []
    for step in range(first, given.steps):
        now = min(1, (step + 1) / WARM_UP, (given.steps - step) / (DECAY * given.steps))
        for optimizer, rate in zip(optimizers, rates):
            optimizer.param_groups[0]["lr"] = rate * now
        shape = (SHAPE[0] // LONG[1], SHAPE[1] * LONG[1]) if step % LONG[0] == 0 else SHAPE
        ids, marks, repeats = batch(step, shape, MIXTURE, tokenizer, stories, words)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(ids)
        each = F.cross_entropy(logits[:, :-1].flatten(0, 1).float(), ids[:, 1:].flatten(), reduction="none").view(len(ids), -1)
        weight = weights(marks[:, 1:], repeats)
        loss = (each * weight).sum() / weight.sum()
        model.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        losses.append(means(each.detach(), marks[:, 1:], repeats))
        last = step + 1 == given.steps
        if (step + 1) % EVERY == 0 or last:
            plain, again, looked = (sum(column) / len(losses) for column in zip(*losses))
            print(f"step {step + 1}, {time.time() - started:.0f} s: loss {plain:.3f}, looked up {again:.3f}, repeats {looked:.3f}; {report(model, tokenizer, prompts)}", flush=True)
            losses.clear()
            if time.time() - saved > SAVE_SECONDS or last:
                torch.save({"model": model.state_dict(), "optimizers": [o.state_dict() for o in optimizers], "step": step + 1}, given.out)
                saved = time.time()


if __name__ == "__main__":
    main()
