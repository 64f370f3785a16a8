"""Makes test/fixtures/heads: what TransformerLens's head_detector says of the heads of committed models.

    .venv-patching/bin/python training/heads/make_goldens.py      (the environment of training/patching)

goldens.json has the subjects (a model and its prompts, as ids) and a case for each score; the values are float32 [layers, heads] in SUBJECT.safetensors.
"prompts" cases are `detect_head`'s, by name where it has one and else with the pattern as a tensor; of several prompts the mean, as it has it. Its error measure
"abs" rounds to three decimals, which is switched off here. "repeated" cases are means of the patterns along the stated diagonals, over the second of two equal stretches.
"""
import importlib.metadata
import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformer_lens import head_detector

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "patching"))
from models import Subject, subjects, TEST
from noise import uniform

OUT = TEST / "heads"
NAMED = dict(previousToken="previous_token_head", duplicateToken="duplicate_token_head", induction="induction_head")


class Ids:
    """A model that is asked with ids instead of a text."""
    def __init__(self, bridge, ids: list[int]):
        self.bridge, self.cfg, self.ids = bridge, bridge.cfg, ids

    def to_tokens(self, _seq: str) -> torch.Tensor:
        return torch.tensor([self.ids])

    def run_with_cache(self, tokens: torch.Tensor, remove_batch_dim: bool):
        return self.bridge.run_with_cache(tokens, remove_batch_dim=remove_batch_dim)


def prompts_of(subject: Subject) -> list[list[int]]:
    """Three prompts of different lengths in which tokens come again, in stretches and alone."""
    a = subject.clean[0].tolist()
    b = subject.corrupted[1].tolist()
    return [a + a, [*b, b[2], b[4], b[2]], [a[0], a[0], *b[:4], *a[:4], *b[:4], a[0]]]


def drawn(size: int, seed: int) -> torch.Tensor:
    """Below and on the diagonal, some of it empty, rows that add up to 1."""
    pattern = torch.rand(size, size, generator=torch.Generator().manual_seed(seed)).tril()
    pattern[pattern < 0.3] = 0
    pattern[0, 0] = 1
    return pattern / pattern.sum(-1, keepdim=True).clamp(min=1e-9)


def patterns_of(size: int) -> dict[str, str | torch.Tensor]:
    first = torch.zeros(size, size)
    first[:, 0] = 1
    return NAMED | dict(currentToken=torch.eye(size), firstToken=first, drawn=drawn(size, size))


def on_prompts(subject: Subject, tensors: dict, cases: list) -> None:
    prompts = prompts_of(subject)
    for asked in [[0], [1], [0, 1, 2]]:
        for measure in ("mul", "abs"):
            for bos in (False, True):
                for current in (False, True):
                    for name in ("previousToken", "duplicateToken", "induction", "currentToken", "firstToken", "drawn"):
                        if name == "drawn" and len(asked) > 1:
                            continue
                        scores = [head_detector.detect_head(Ids(subject.bridge, prompts[one]), "", patterns_of(len(prompts[one]))[name],
                                                            error_measure=measure, exclude_bos=bos, exclude_current_token=current) for one in asked]
                        key = f"{len(cases)}"
                        tensors[key] = torch.stack(scores).mean(0).contiguous()
                        cases.append(dict(subject=subject.name, values=key, text="prompts", prompts=asked, pattern=name, measure=measure, excludeBos=bos, excludeCurrentToken=current))
    for index, prompt in enumerate(prompts[:2]):
        tensors[f"drawn{index}"] = drawn(len(prompt), len(prompt))


def repeated(seed: int, rows: int, period: int, vocabulary: int, start: list[int]) -> torch.Tensor:
    """The rows that the engine draws from the seed, for a model without a tokenizer: any id of the table, each once in a stretch."""
    source = uniform(seed)
    made = []
    for _ in range(rows):
        pool = list(range(vocabulary))
        for at in range(period):
            other = at + int(next(source) * (vocabulary - at))
            pool[at], pool[other] = pool[other], pool[at]
        made.append([*start, *pool[:period], *pool[:period]])
    return torch.tensor(made)


def on_repeats(subject: Subject, tensors: dict, cases: list) -> None:
    layers = range(subject.bridge.cfg.n_layers)
    for seed, rows, period, start in [(0, 6, 10, []), (7, 3, 12, [5])]:
        ids = repeated(seed, rows, period, subject.bridge.cfg.d_vocab, start)
        _, cache = subject.bridge.run_with_cache(ids)
        # [layer, row, head, dest, src]
        patterns = torch.stack([cache["pattern", layer, "attn"] for layer in layers])
        length = ids.shape[1]
        # A start token that is drawn again is a duplicate itself.
        assert all(one not in ids[:, len(start):] for one in start)
        second = torch.arange(length - period, length)
        every = torch.arange(length)
        where = dict(previousToken=(every[1:], every[:-1]), duplicateToken=(second, second - period), induction=(second, second - period + 1),
                     currentToken=(every, every), firstToken=(every, every * 0))
        for name, (dest, src) in where.items():
            key = f"{len(cases)}"
            tensors[key] = patterns[..., dest, src].mean((1, -1)).contiguous()
            cases.append(dict(subject=subject.name, values=key, text="repeated", seed=seed, rows=rows, period=period, start=start, pattern=name, measure="rows"))


def main() -> None:
    torch.set_grad_enabled(False)
    head_detector.round = lambda value, _digits: value
    OUT.mkdir(exist_ok=True)
    cases, asked = [], {}
    for subject in subjects():
        tensors: dict[str, torch.Tensor] = {}
        on_prompts(subject, tensors, cases)
        on_repeats(subject, tensors, cases)
        save_file(tensors, OUT / f"{subject.name}.safetensors")
        asked[subject.name] = dict(model=subject.path, prompts=prompts_of(subject))
    versions = {name: importlib.metadata.version(name) for name in ("transformer-lens", "torch", "transformers")}
    listed = ",\n  ".join(json.dumps(case) for case in cases)
    (OUT / "goldens.json").write_text(f'{{\n "versions": {json.dumps(versions)},\n "subjects": {json.dumps(asked)},\n "cases": [\n  {listed}\n ]\n}}\n')
    print(f"{len(cases)} cases, {sum(path.stat().st_size for path in OUT.iterdir()) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
