"""Trains the stories example on two cores; goes on from its last checkpoint.

    python training/stories/train.py --tokenizer tokenizer.json --stories STORIES.txt --out CHECKPOINT.pt --steps 2000
"""
import argparse
import pathlib
import sys
import time
from collections import Counter
from random import Random

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(REPOSITORY / "examples" / "stories"))
from grammar import document, gift, refrain, strange_name
from model import Stories
from muon import Muon
from prompts import indirect_objects, scores

ROWS, LENGTH, LONG = 16, 128, 4  # Every LONG-th step has half as many rows of twice the length: the model's whole context.
RATE, MUON_RATE, WARM_UP, DECAY = 3e-3, 0.02, 30, 0.35  # Constant rates, then down to nothing in the last DECAY of the steps.
SAMPLED, RAMP = (0.1, 0.4), 1000  # The share of sampled stories, of all tokens: first, and from step RAMP on.
LOWER = 625  # From this step on, four tenths of those rates.
REPEATED, EVEN, COMMON, COUNTED = 5, 1200, 0.1, 1000  # What can be looked up counts REPEATED times until step EVEN.
# Steps in which so many of all documents are of these kinds.
FOCUS = [(range(400, 800), 0.75, (gift,)), (range(900, 1200), 0.65, (refrain, refrain, refrain, strange_name))]
EVERY, SAVE_SECONDS, SEED = 25, 60, 0


class Repeats:
    """Which tokens of a document could have been looked up in it: those there before, but for the words of every document."""

    def __init__(self, tokenizer: Tokenizer):
        counts = Counter(index for number in range(COUNTED) for index in tokenizer.encode(document(Random(f"count {number}"))).ids)
        self.common = {index for index, count in counts.items() if count > COMMON * COUNTED}
        vocabulary = tokenizer.get_vocab()
        # " Lily" is "Lily" again.
        self.same = {index: vocabulary.get(token.removeprefix("Ġ"), index) if token[1:2].isupper() else index for token, index in vocabulary.items()}

    def mark(self, ids: list[int]) -> list[float]:
        seen: set[int] = set()
        marks = []
        for index in ids:
            marks.append(float(self.same[index] in seen and index not in self.common))
            seen.add(self.same[index])
        return marks


def batch(step: int, tokenizer: Tokenizer, stories: list[str], repeats: Repeats) -> tuple[torch.Tensor, torch.Tensor]:
    """[rows, length] ids, documents one after another, each behind the start token, and which are repeats. The step number is the seed."""
    random = Random(f"{SEED} {step}")
    length, rows = (2 * LENGTH, ROWS // 2) if step % LONG == LONG - 1 else (LENGTH, ROWS)
    share = SAMPLED[0] + (SAMPLED[1] - SAMPLED[0]) * min(1, step / RAMP)
    chance = share / (share + 5 * (1 - share))  # A sampled story is some five times as long as a document of the grammar.
    focused, kinds = next(((share, kinds) for steps, share, kinds in FOCUS if step in steps), (0, (document,)))
    made, marked = [], []
    for _ in range(rows):
        ids: list[int] = []
        marks: list[float] = []
        while len(ids) < length:
            text = random.choice(kinds)(random) if random.random() < focused else random.choice(stories) if random.random() < chance else document(random)
            more = tokenizer.encode(text).ids
            ids += more
            marks += repeats.mark(more)
        made.append(ids[:length])
        marked.append(marks[:length])
    return torch.tensor(made), torch.tensor(marked)


def fresh(vocabulary: int) -> Stories:
    """Weights to begin with, chosen so that looking back is quickly learnt; each of them is then trained like any other.

    Positions begin as sinusoids, in which "one before" is the same rotation everywhere. Heads begin by comparing and by
    copying what is there: query and key, value and output are slices of one orthogonal matrix (mimetic initialisation,
    Trockman and Kolter 2023, with copying of positive sign, since embedding and unembedding are the same matrix).
    """
    model = Stories(vocabulary)
    for name, parameter in model.named_parameters():
        if "bias" in name:
            torch.nn.init.zeros_(parameter)
    torch.nn.init.normal_(model.tokens.weight, std=0.1)
    context, dim = model.positions.weight.shape
    angles = torch.outer(torch.arange(context), 1000 ** (-torch.arange(dim // 2) / (dim // 2)))
    model.positions.weight.data = 0.1 * torch.cat([angles.sin(), angles.cos()], 1)
    for block in model.blocks:
        attention = block.attention
        compare, copy = (torch.nn.init.orthogonal_(torch.empty(dim, dim)) for _ in range(2))
        for part, matrix, scale in ((attention.query, compare, 0.6), (attention.key, compare, 0.6), (attention.value, copy, 1), (attention.output, copy.T, 0.3)):
            part.weight.data = scale * matrix + 0.01 * torch.randn(dim, dim)
        torch.nn.init.normal_(block.mlp.up.weight, std=0.04)
        torch.nn.init.normal_(block.mlp.down.weight, std=0.01)
    return model


def main() -> None:
    arguments = argparse.ArgumentParser()
    for name in ("tokenizer", "stories", "out"):
        arguments.add_argument(f"--{name}", type=pathlib.Path, required=True)
    arguments.add_argument("--steps", type=int, required=True)
    given = arguments.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(2)
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
    stories = given.stories.read_text().splitlines()
    repeats, prompts = Repeats(tokenizer), indirect_objects(40, seed=7)
    started = saved = time.time()
    losses: list[tuple[float, float]] = []
    for step in range(first, given.steps):
        now = min(1 if step < LOWER else 0.4, (step + 1) / WARM_UP, (given.steps - step) / (DECAY * given.steps))
        for optimizer, rate in zip(optimizers, rates):
            optimizer.param_groups[0]["lr"] = rate * now
        ids, marks = batch(step, tokenizer, stories, repeats)
        each = F.cross_entropy(model(ids)[:, :-1].flatten(0, 1), ids[:, 1:].flatten(), reduction="none")
        marks = marks[:, 1:].flatten()
        weights = 1 + (REPEATED - 1) * marks * (step < EVEN)
        loss = (each * weights).sum() / weights.sum()
        model.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        losses.append((each.mean().item(), (each * marks).sum().item() / marks.sum().item()))
        last = step + 1 == given.steps
        if (step + 1) % EVERY == 0 or last:
            right, difference = scores(model, tokenizer, prompts)
            plain, again = (sum(column) / len(losses) for column in zip(*losses))
            print(f"step {step + 1}: loss {plain:.3f}, of repeats {again:.3f}, indirect objects {right:.0%} by {difference:.2f}, {time.time() - started:.0f} s", flush=True)
            losses.clear()
            if time.time() - saved > SAVE_SECONDS or last:
                torch.save({"model": model.state_dict(), "optimizers": [o.state_dict() for o in optimizers], "step": step + 1}, given.out)
                stories, saved = given.stories.read_text().splitlines(), time.time()


if __name__ == "__main__":
    main()
