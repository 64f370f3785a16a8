"""Which heads of the induction example do what, in PyTorch: writes training/induction/measured.json.

    python training/induction/measure.py

Scores are TransformerLens's, on random words repeated once behind a start token (period p):
- previous token: mean attention from each position to the one before it;
- induction: mean attention from position i of the second half to i - p + 1, the token that followed last time.

The weights are read back from examples/induction/induction.onnx, so that what is measured is the file that is there.
"""
import json
import pathlib
import sys

import onnx
import torch
import torch.nn.functional as F
from onnx.numpy_helper import to_array

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = REPOSITORY / "examples" / "induction"
sys.path.append(str(EXAMPLE))
from data import repeated
from model import AttentionOnly
from words import VOCABULARY

ROWS, PERIOD, SEED = 16, 25, 20260101
OUT = pathlib.Path(__file__).with_name("measured.json")


def exported() -> AttentionOnly:
    """model.py with the weights of the ONNX file: the exporter keeps names, but transposes matrices and renames them."""
    graph = onnx.load(EXAMPLE / "induction.onnx").graph
    values = {tensor.name: torch.from_numpy(to_array(tensor).copy()) for tensor in graph.initializer}
    matrices = iter([values[node.input[1]] for node in graph.node if node.op_type == "MatMul" and node.input[1] in values])
    model = AttentionOnly(len(VOCABULARY)).eval()
    state = {name: values[name] if name in values else next(matrices).T.contiguous() for name, _ in model.named_parameters()}
    model.load_state_dict(state)
    assert next(matrices, None) is None
    return model


def patterns(model: AttentionOnly, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """softmax(q k' / sqrt(d_head)) under a causal mask, [layer, row, head, dest, src], and the logits."""
    found: dict[tuple[int, str], torch.Tensor] = {}

    def keep(key):
        return lambda module, given, out: found.__setitem__(key, out.unflatten(-1, (model.layers[0].heads, -1)).transpose(1, 2))

    hooks = [getattr(layer, part).register_forward_hook(keep((index, part))) for index, layer in enumerate(model.layers) for part in ("query", "key")]
    with torch.no_grad():
        logits = model(ids)
    for hook in hooks:
        hook.remove()
    future = torch.ones(ids.shape[1], ids.shape[1], dtype=torch.bool).triu(1)
    layers = []
    for index in range(len(model.layers)):
        query, key = found[index, "query"], found[index, "key"]
        scores = query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5
        layers.append(torch.softmax(scores.masked_fill(future, float("-inf")), -1))
    return torch.stack(layers), logits


def main() -> None:
    ids = repeated(ROWS, PERIOD, torch.Generator().manual_seed(SEED))
    attention, logits = patterns(exported(), ids)
    losses = F.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten(), reduction="none").view(ROWS, -1)
    previous = attention.diagonal(offset=-1, dim1=-2, dim2=-1).mean((1, -1))
    second = torch.arange(PERIOD + 1, 2 * PERIOD + 1)
    induction = attention[..., second, second - PERIOD + 1].mean((1, -1))
    heads = [{"address": f"L{layer}H{head}", "previousToken": round(previous[layer, head].item(), 6), "induction": round(induction[layer, head].item(), 6)}
             for layer in range(attention.shape[0]) for head in range(attention.shape[2])]
    # The first token of the second half cannot be foretold: nothing says yet that the stretch is over.
    loss = {"firstHalf": round(losses[:, :PERIOD].mean().item(), 6), "secondHalf": round(losses[:, PERIOD + 1:].mean().item(), 6)}
    rows = ",\n  ".join(json.dumps(row) for row in ids.tolist())
    table = ",\n  ".join(json.dumps(head) for head in heads)
    OUT.write_text(f'{{\n "seed": {SEED},\n "period": {PERIOD},\n "loss": {json.dumps(loss)},\n "heads": [\n  {table}\n ],\n "ids": [\n  {rows}\n ]\n}}\n')
    print(f"loss: first half {loss['firstHalf']:.3f}, second half {loss['secondHalf']:.4f}")
    print("head   previous token  induction")
    for head in heads:
        print(f"{head['address']}   {head['previousToken']:14.3f}  {head['induction']:9.3f}")


if __name__ == "__main__":
    main()
