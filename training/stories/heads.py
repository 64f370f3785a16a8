"""Scores of every head of the stories example.

On random words said twice behind the start token (period p):
- previousToken: mean attention from each position to the one before it;
- duplicateToken: mean attention from position i of the second half to i - p, the same word;
- induction: mean attention from position i of the second half to i - p + 1, what followed that word.

On the prompts with indirect objects, at their last token unless it says otherwise:
- toAnswer, toSubject, toSecondSubject: mean attention to the indirect object's name, to the subject's first and second mention;
- secondToFirst: mean attention from the subject's second mention to its first;
- direct: what the head's output alone adds to logit(answer) - logit(subject), through the last norm at its scale in that run;
- ablated: how that logit difference falls when the head's output is replaced by its mean over all positions of all prompts;
- ablatedNames: how much of the strongest name mover's attention, to answer less first subject, is then lost.
"""
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from model import Stories
from prompts import IndirectObject, name_ids
from tokenizers import Tokenizer

ROWS, PERIOD = 16, 25


class Run:
    """One forward pass with each head's pattern, [layer, row, head, dest, src], and output before the projection, [layer, row, pos, head, dim]."""

    def __init__(self, model: Stories, ids: torch.Tensor, replaced: tuple[int, int, torch.Tensor] | None = None):
        layers, heads, size = len(model.blocks), model.blocks[0].attention.heads, model.blocks[0].attention.head_dim
        seen: dict[tuple[str, int], torch.Tensor] = {}
        hooks = [model.norm.register_forward_pre_hook(lambda _, given: seen.__setitem__(("stream", layers), given[0]))]
        for index, block in enumerate(model.blocks):
            for part in ("query", "key"):
                hooks.append(getattr(block.attention, part).register_forward_hook(lambda _, __, out, key=(part, index): seen.__setitem__(key, out)))

            def before_output(_, given, index=index):
                mixed = given[0].unflatten(-1, (heads, size)).clone()
                if replaced is not None and replaced[0] == index:
                    mixed[..., replaced[1], :] = replaced[2]
                seen["mixed", index] = mixed
                return (mixed.flatten(-2),)

            hooks.append(block.attention.output.register_forward_pre_hook(before_output))
        try:
            with torch.no_grad():
                self.logits = model(ids)
        finally:
            for hook in hooks:
                hook.remove()
        future = torch.ones(ids.shape[1], ids.shape[1], dtype=torch.bool).triu(1)
        split = lambda t: t.unflatten(-1, (heads, size)).transpose(1, 2)
        self.patterns = torch.stack([
            (split(seen["query", layer]) @ split(seen["key", layer]).mT / size ** 0.5).masked_fill(future, float("-inf")).softmax(-1) for layer in range(layers)])
        self.mixed = torch.stack([seen["mixed", layer] for layer in range(layers)])
        self.stream = seen["stream", layers]


def repeated(tokenizer: Tokenizer, seed: int) -> torch.Tensor:
    """[ROWS, 2 * PERIOD + 1] ids: the start token and one stretch of random lower-case words, twice."""
    words = sorted(index for token, index in tokenizer.get_vocab().items() if token[0] == "Ġ" and token[1:].isalpha() and token[1:].islower() and len(token) > 3)
    generator = torch.Generator().manual_seed(seed)
    stretch = torch.tensor(words)[torch.stack([torch.randperm(len(words), generator=generator)[:PERIOD] for _ in range(ROWS)])]
    return torch.cat([torch.zeros(ROWS, 1, dtype=torch.long), stretch, stretch], 1)


def on_repeats(model: Stories, tokenizer: Tokenizer, seed: int) -> tuple[dict, dict[str, torch.Tensor]]:
    ids = repeated(tokenizer, seed)
    run = Run(model, ids)
    losses = F.cross_entropy(run.logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten(), reduction="none").view(ROWS, -1)
    second = torch.arange(PERIOD + 1, 2 * PERIOD + 1)
    # The first word of the second half cannot be foretold: nothing says yet that the stretch is over.
    loss = {"firstHalf": losses[:, :PERIOD].mean().item(), "secondHalf": losses[:, PERIOD + 1 :].mean().item()}
    return loss, {
        "previousToken": run.patterns.diagonal(offset=-1, dim1=-2, dim2=-1).mean((1, -1)),
        "duplicateToken": run.patterns[..., second, second - PERIOD].mean((1, -1)),
        "induction": run.patterns[..., second, second - PERIOD + 1].mean((1, -1)),
    }


@dataclass(frozen=True)
class Placed:
    """Prompts as one padded table of ids (what follows a causal model's last token changes nothing) and where in it things stand."""

    ids: torch.Tensor
    last: torch.Tensor
    answer: torch.Tensor
    first: torch.Tensor
    second: torch.Tensor
    answer_id: torch.Tensor
    subject_id: torch.Tensor

    @staticmethod
    def of(tokenizer: Tokenizer, prompts: list[IndirectObject]) -> "Placed":
        rows = [tokenizer.encode(prompt.text).ids for prompt in prompts]
        longest = max(map(len, rows))
        texts = [[tokenizer.decode([index]).strip() for index in row] for row in rows]
        subjects = [[at for at, text in enumerate(row) if text == prompt.subject] for row, prompt in zip(texts, prompts)]
        return Placed(torch.tensor([row + [0] * (longest - len(row)) for row in rows]), torch.tensor([len(row) - 1 for row in rows]),
                      torch.tensor([row.index(prompt.answer) for row, prompt in zip(texts, prompts)]),
                      torch.tensor([first for first, _ in subjects]), torch.tensor([second for _, second in subjects]), *name_ids(tokenizer, prompts))

    def attention(self, run: Run, dest: torch.Tensor, src: torch.Tensor) -> torch.Tensor:
        """[layer, head]: mean attention from one place of each prompt to another."""
        return run.patterns[:, torch.arange(len(self.ids)), :, dest, src].mean(0)

    def difference(self, run: Run) -> torch.Tensor:
        logits = run.logits[torch.arange(len(self.ids)), self.last]
        return (logits.gather(1, self.answer_id[:, None]) - logits.gather(1, self.subject_id[:, None])).mean()

    def direct(self, model: Stories, run: Run) -> torch.Tensor:
        """[layer, head]: what each head's output at the last position adds to the logit difference, on average."""
        rows = torch.arange(len(self.ids))
        scale = (run.stream[rows, self.last].var(-1, unbiased=False) + model.norm.eps).sqrt()
        direction = model.norm.weight * (model.tokens.weight[self.answer_id] - model.tokens.weight[self.subject_id])
        direction = (direction - direction.mean(-1, keepdim=True)) / scale[:, None]
        projections = torch.stack([block.attention.output.weight.unflatten(1, (block.attention.heads, -1)) for block in model.blocks])
        return torch.einsum("lrhd,lohd,ro->lh", run.mixed[:, rows, self.last], projections, direction) / len(rows)

    def average(self, run: Run) -> torch.Tensor:
        """[layer, head, dim]: each head's mean output over all positions of all prompts, without the padding."""
        real = torch.arange(self.ids.shape[1]) <= self.last[:, None]
        return run.mixed[:, real].mean(1)


def on_objects(model: Stories, tokenizer: Tokenizer, prompts: list[IndirectObject]) -> dict[str, torch.Tensor]:
    placed = Placed.of(tokenizer, prompts)
    run = Run(model, placed.ids)
    found = {
        "toAnswer": placed.attention(run, placed.last, placed.answer),
        "toSubject": placed.attention(run, placed.last, placed.first),
        "toSecondSubject": placed.attention(run, placed.last, placed.second),
        "secondToFirst": placed.attention(run, placed.second, placed.first),
        "direct": placed.direct(model, run),
    }
    layers, heads = found["direct"].shape
    mover = divmod(int(found["direct"].argmax()), heads)
    selective = lambda some: (placed.attention(some, placed.last, placed.answer) - placed.attention(some, placed.last, placed.first))[mover]
    average = placed.average(run)
    found["ablated"], found["ablatedNames"] = torch.zeros(layers, heads), torch.zeros(layers, heads)
    for layer in range(layers):
        for head in range(heads):
            without = Run(model, placed.ids, (layer, head, average[layer, head]))
            found["ablated"][layer, head] = placed.difference(run) - placed.difference(without)
            found["ablatedNames"][layer, head] = selective(run) - selective(without)
    return found


def head_scores(model: Stories, tokenizer: Tokenizer, prompts: list[IndirectObject], seed: int) -> tuple[dict, list[dict]]:
    loss, scores = on_repeats(model, tokenizer, seed)
    scores |= on_objects(model, tokenizer, prompts)
    layers, heads = scores["direct"].shape
    return loss, [{"address": f"L{layer}H{head}", **{key: value[layer, head].item() for key, value in scores.items()}}
                  for layer in range(layers) for head in range(heads)]
