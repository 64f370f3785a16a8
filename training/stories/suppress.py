"""Gives one head of layer 0 a place to begin: at the last name before each token, to lower that name.

    python training/stories/suppress.py --tokenizer tokenizer.json --stories STORIES.txt --checkpoint BEFORE.pt --out AFTER.pt

The head is the one whose output is missed least. Its query and key are taught alone, by the attention they should give;
its value then reads the directions in which the names differ most, and its output writes them with the opposite sign.
"""
import argparse
import pathlib
import sys
from random import Random

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(REPOSITORY / "examples" / "stories"))
from data import SEED, START, Words, batch
from grammar import document
from model import Stories

STEPS, RATE, SAMPLED, SCALE = 160, 6e-3, 0.15, 0.75
FIRST_TO_TRY = 2  # The heads before it look one position back.


def least_missed(model: Stories, ids: torch.Tensor) -> int:
    attention = model.blocks[0].attention
    output, size = attention.output.weight.data, attention.head_dim
    losses = {}
    for head in range(FIRST_TO_TRY, attention.heads):
        kept = output[:, head * size : (head + 1) * size].clone()
        output[:, head * size : (head + 1) * size] = 0
        with torch.no_grad():
            losses[head] = F.cross_entropy(model(ids)[:, :-1].flatten(0, 1), ids[:, 1:].flatten()).item()
        output[:, head * size : (head + 1) * size] = kept
    return min(losses, key=lambda head: losses[head])


def last_names(ids: torch.Tensor, is_name: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Where the last name before each token stands, and which tokens, themselves no names, have one in their document."""
    places = torch.arange(ids.shape[1])
    name, start = (torch.where(here, places, -1).cummax(1).values for here in (is_name[ids], ids == START))
    return name.clamp(min=0), (name > start) & ~is_name[ids]


def taught(model: Stories, tokenizer: Tokenizer, stories: list[str], is_name: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    attention, dim, random = model.blocks[0].attention, model.tokens.embedding_dim, Random(3)
    query, key = ((0.05 * torch.randn(attention.head_dim, dim)).requires_grad_() for _ in range(2))
    optimizer = torch.optim.Adam([query, key], lr=RATE)
    for step in range(STEPS):
        optimizer.param_groups[0]["lr"] = RATE * min(1, 2 * (1 - step / STEPS))
        rows, length = (16, 64) if step % 4 else (4, 256)
        made = []
        for _ in range(rows):
            ids: list[int] = []
            while len(ids) < length:
                ids += tokenizer.encode(random.choice(stories) if random.random() < SAMPLED else document(random)).ids
            made.append(ids[:length])
        ids = torch.tensor(made)
        places, counted = last_names(ids, is_name)
        with torch.no_grad():
            x = model.blocks[0].attention_norm(model.tokens(ids) + model.positions(torch.arange(length)))
        scores = (x @ query.T) @ (x @ key.T).mT / attention.head_dim ** 0.5
        chances = scores.masked_fill(torch.ones(length, length, dtype=torch.bool).triu(1), float("-inf")).log_softmax(-1)
        loss = -chances.gather(2, places[..., None])[..., 0][counted].mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"mean log chance of the last name: {-loss.item():.3f}")
    return query.data, key.data


def main() -> None:
    arguments = argparse.ArgumentParser()
    for name in ("tokenizer", "stories", "checkpoint", "out"):
        arguments.add_argument(f"--{name}", type=pathlib.Path, required=True)
    given = arguments.parse_args()
    torch.manual_seed(SEED)
    tokenizer = Tokenizer.from_file(str(given.tokenizer))
    model, state = Stories(tokenizer.get_vocab_size()), torch.load(given.checkpoint)
    model.load_state_dict(state["model"])
    words, stories = Words(tokenizer), given.stories.read_text().splitlines()
    is_name = torch.tensor([words.same[index] in words.names for index in range(tokenizer.get_vocab_size())])

    attention = model.blocks[0].attention
    head = least_missed(model, batch(999_999, (24, 64), (0.25, 0.1, 0.6), tokenizer, stories, words)[0])
    rows = slice(head * attention.head_dim, (head + 1) * attention.head_dim)
    query, key = taught(model, tokenizer, stories, is_name)
    names = model.tokens.weight.data[words.names]
    directions = torch.linalg.svd(names - names.mean(0), full_matrices=False)[2][: attention.head_dim]
    for part, matrix in ((attention.query, query), (attention.key, key), (attention.value, directions)):
        part.weight.data[rows], part.bias.data[rows] = matrix, 0
    attention.output.weight.data[:, rows] = -SCALE * directions.T
    torch.save({**state, "model": model.state_dict()}, given.out)
    print(f"head {head} of layer 0 begins by lowering the last name")


if __name__ == "__main__":
    main()
