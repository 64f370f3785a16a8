"""Writes test/fixtures/circuit: the model of circuit.py, its tokenizer, pairs of prompts as an experiment, and what PyTorch measures of each head.

    python training/circuit/make.py

Measured on the model's own modules with its weights in PyTorch, by hooks; effects are falls of the mean over the pairs of logit(answer) - logit(other name):
- duplicate: attention from the other name's second mention to its first; answer, other, second: from the last token to the answer, to both mentions of the
  other name, to the second;
- direct: the head's output at the last token, in the last sum alone, is that of the corrupted prompt's run;
- queries: the name movers' queries are those that follow from the head's output in the corrupted prompt's run, with the outputs of all later layers up to the movers' as they were;
- without: the head's z is its mean over the pairs; beside: the same with the name movers' z at their means already, and answerBeside, otherBeside the attention then.
"""
import json
import pathlib
import sys

import torch
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers, processors

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
OUT = REPOSITORY / "test" / "fixtures" / "circuit"
sys.path[:0] = [str(REPOSITORY / "examples" / "induction"), str(REPOSITORY / "training" / "lib")]
from circuit import CONTEXT, DIM, fill, HEADS, LAYERS, NAMES, SIZE, WORDS
from exporting import export
from model import AttentionOnly

MOVERS = [(2, 0), (2, 1)]


def pairs() -> list[dict]:
    made = []
    for index, answer in enumerate(NAMES):
        other, third = NAMES[(index + 3) % len(NAMES)], NAMES[(index + 5) % len(NAMES)]
        first, second = (answer, other) if index % 2 == 0 else (other, answer)
        text = f"{first} and {second} went {{}} gave to"
        made.append(dict(clean=text.format(other), corrupted=text.format(third), target=answer, distractor=other))
    return made


class Run:
    """One pass over all rows. `mixed`: heads' z that are given instead, by (layer, head), [row, pos, size]; `queries`: whole queries by layer."""

    def __init__(self, model: AttentionOnly, ids: torch.Tensor, mixed=None, queries=None):
        self.z, self.query, self.key, self.before, self.out = {}, {}, {}, {}, {}
        split = lambda t: t.unflatten(-1, (HEADS, SIZE))
        hooks = []
        for index, layer in enumerate(model.layers):
            def on_query(_, given, out, index=index):
                self.before[index] = given[0]
                changed = out if queries is None or index not in queries else queries[index]
                self.query[index] = split(changed)
                return changed

            def on_key(_, __, out, index=index):
                self.key[index] = split(out)

            def on_output(_, given, index=index):
                z = split(given[0]).clone()
                for (at, head), value in (mixed or {}).items():
                    if at == index:
                        z[:, :, head] = value
                self.z[index] = z
                return (z.flatten(-2),)

            hooks += [layer.query.register_forward_hook(on_query), layer.key.register_forward_hook(on_key), layer.output.register_forward_pre_hook(on_output),
                      layer.register_forward_hook(lambda _, __, out, index=index: self.out.__setitem__(index, out))]
        try:
            with torch.no_grad():
                self.logits = model(ids)
        finally:
            for hook in hooks:
                hook.remove()

    def pattern(self, layer: int, head: int) -> torch.Tensor:
        scores = self.query[layer][:, :, head] @ self.key[layer][:, :, head].mT / SIZE**0.5
        return scores.masked_fill(torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1), float("-inf")).softmax(-1)


def written(model: AttentionOnly, layer: int, head: int, z: torch.Tensor) -> torch.Tensor:
    """What a head adds to the stream."""
    return z[:, :, head] @ model.layers[layer].output.weight[:, head * SIZE : (head + 1) * SIZE].T


def measure(model: AttentionOnly, tokenizer: Tokenizer, prompts: list[dict]) -> dict:
    ids = lambda key: torch.tensor([tokenizer.encode(prompt[key]).ids for prompt in prompts])
    token = lambda key: torch.tensor([tokenizer.token_to_id(prompt[key]) for prompt in prompts])
    rows, target, distractor = torch.arange(len(prompts)), token("target"), token("distractor")
    difference = lambda logits: (logits[rows, -1, target] - logits[rows, -1, distractor]).mean().item()
    clean, corrupted = Run(model, ids("clean")), Run(model, ids("corrupted"))
    base = difference(clean.logits)
    places = [[at for at, id in enumerate(row) if id == name] for row, name in zip(ids("clean").tolist(), distractor.tolist())]
    first, second = (torch.tensor([place[at] for place in places]) for at in (0, 1))
    answer = torch.tensor([row.index(name) for row, name in zip(ids("clean").tolist(), target.tolist())])
    mean = {(layer, head): clean.z[layer][:, :, head].mean(0) for layer in range(LAYERS) for head in range(HEADS)}
    silent = {at: mean[at] for at in MOVERS}
    without_movers = Run(model, ids("clean"), silent)
    heads = []
    for layer in range(LAYERS):
        for head in range(HEADS):
            pattern, beside = clean.pattern(layer, head), without_movers.pattern(layer, head)
            to = lambda of, src: of[rows, -1, src].mean().item()
            change = written(model, layer, head, corrupted.z[layer]) - written(model, layer, head, clean.z[layer])
            (movers_layer,) = {at for at, _ in MOVERS}
            queries = clean.query[movers_layer].flatten(-2).clone()
            if layer < movers_layer:
                moved = model.layers[movers_layer].query(clean.before[movers_layer] + change).detach()
                for _, mover in MOVERS:
                    queries[..., mover * SIZE : (mover + 1) * SIZE] = moved[..., mover * SIZE : (mover + 1) * SIZE]
            own = {(layer, head): mean[layer, head]}
            heads.append(dict(
                address=f"L{layer}H{head}", duplicate=pattern[rows, second, first].mean().item(), answer=to(pattern, answer), other=to(pattern, first) + to(pattern, second), second=to(pattern, second),
                answerBeside=to(beside, answer), otherBeside=to(beside, first) + to(beside, second),
                direct=base - difference(clean.logits + change @ model.unembed.weight.T.detach()),
                queries=base - difference(Run(model, ids("clean"), queries={movers_layer: queries}).logits),
                without=base - difference(Run(model, ids("clean"), own).logits),
                beside=difference(without_movers.logits) - difference(Run(model, ids("clean"), silent | own).logits),
            ))
    return dict(clean=base, heads=[{key: value if isinstance(value, str) else round(value, 5) for key, value in head.items()} for head in heads])


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer(models.WordLevel({word: index for index, word in enumerate(WORDS)}, unk_token=WORDS[0]))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{WORDS[0]} $A", special_tokens=[(WORDS[0], 0)])
    tokenizer.add_special_tokens([AddedToken(WORDS[0], special=True)])
    tokenizer.save(str(OUT / "tokenizer.json"))
    model = AttentionOnly(len(WORDS), DIM, HEADS, LAYERS, CONTEXT).eval()
    fill(model)
    prompts = pairs()
    sample = torch.tensor([tokenizer.encode(prompt["clean"]).ids for prompt in prompts[:2]])
    export(model, (sample,), OUT / "circuit.onnx", 20, ["input_ids"], ({0: torch.export.Dim("batch"), 1: torch.export.Dim("sequence")},), source_root=REPOSITORY / "examples" / "induction")
    experiment = dict(cogscope=1, model="circuit.onnx", kind="path-patching", pairs=prompts)
    (OUT / "names.cogscope.json").write_text(json.dumps(experiment, indent=1) + "\n")
    measured = measure(model, tokenizer, prompts)
    (OUT / "measured.json").write_text(json.dumps(measured, indent=1) + "\n")
    print(f"clean {measured['clean']:.3f}")
    for head in measured["heads"]:
        print(head)


if __name__ == "__main__":
    main()
