"""Stories written by the 15M TinyStories model, a document a line, appended to a text file until it is stopped.

    python training/stories/sample.py --teacher FOLDER --out STORIES.txt --minutes 15

FOLDER holds that model's model.py, model.onnx and tokenizer.json. Its weights are read from the ONNX file and run here
with cached keys and values, many stories side by side.
"""
import argparse
import importlib.util
import pathlib
import re
import time

import onnx
import torch
import torch.nn.functional as F
from onnx.numpy_helper import to_array
from tokenizers import Tokenizer

ROWS, CONTEXT, BOS = 192, 256, 1
KEPT = 6000  # Of 32,000 tokens, those with nearly all the probability in such stories; the others are never drawn.


def teacher(folder: pathlib.Path):
    """model.py with the weights of model.onnx: the exporter keeps names, but transposes matrices and renames them."""
    spec = importlib.util.spec_from_file_location("teacher", folder / "model.py")
    source = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(source)
    graph = onnx.load(folder / "model.onnx").graph
    values = {tensor.name: torch.from_numpy(to_array(tensor).copy()) for tensor in graph.initializer}
    matrices = iter([values[node.input[1]] for node in graph.node if node.op_type == "MatMul" and node.input[1].startswith("val_") and node.input[1] in values])
    model = source.Stories().eval()
    state = {}
    for name, parameter in model.state_dict().items():
        state[name] = values[name] if name in values else next(matrices).T.contiguous()
        assert state[name].shape == parameter.shape, name
    model.load_state_dict(state)
    return model, source.rotate


def check(model, folder: pathlib.Path) -> None:
    import onnxruntime

    ids = torch.tensor([[1, 9038, 2501, 263, 931, 29892]])
    (expected,) = onnxruntime.InferenceSession(folder / "model.onnx").run(None, {"input_ids": ids.numpy()})
    worst = (model(ids) - torch.from_numpy(expected)).abs().max().item()
    assert worst < 1e-3, f"the weights were read wrongly: logits differ by {worst}"


def write(model, rotate, kept: torch.Tensor, temperature: float, mass: torch.Tensor) -> torch.Tensor:
    """[ROWS, CONTEXT] ids of stories drawn at once; adds each token's probability to `mass`."""
    unembedding = model.tok_embeddings.weight[kept]
    ids = torch.full((ROWS, CONTEXT + 1), BOS)
    attention = model.layers[0].attention
    heads, size = attention.heads, attention.head_dim
    keys, values = (torch.zeros(len(model.layers), ROWS, heads, CONTEXT, size) for _ in range(2))
    for at in range(CONTEXT):
        x = model.tok_embeddings(ids[:, at])
        cos, sin = model.cos[at], model.sin[at]
        for index, layer in enumerate(model.layers):
            normed = layer.attention_norm(x)
            split = lambda t: t.view(ROWS, heads, size)
            query = rotate(split(layer.attention.wq(normed)), cos, sin)
            keys[index, :, :, at] = rotate(split(layer.attention.wk(normed)), cos, sin)
            values[index, :, :, at] = split(layer.attention.wv(normed))
            scores = torch.einsum("rhd,rhsd->rhs", query, keys[index, :, :, : at + 1]) / size ** 0.5
            mixed = torch.einsum("rhs,rhsd->rhd", scores.softmax(-1), values[index, :, :, : at + 1])
            x = x + layer.attention.wo(mixed.reshape(ROWS, -1))
            x = x + layer.feed_forward(layer.ffn_norm(x))
        logits = F.linear(model.norm(x), unembedding).float() / temperature
        chances = logits.softmax(-1)
        mass += chances.sum(0)
        ids[:, at + 1] = kept[(chances / torch.empty_like(chances).exponential_()).argmax(-1)]
    return ids


def documents(ids: torch.Tensor, tokenizer: Tokenizer) -> list[str]:
    """One story a row, up to where the model ended it or to its last whole sentence."""
    found = []
    for row in ids.tolist():
        end = next((at for at in range(1, len(row)) if row[at] in (1, 2)), None)
        text = re.sub(r"\s+", " ", tokenizer.decode(row[1:end])).strip()
        if end is None:
            text = re.sub(r'([.!?]"?)[^.!?]*$', r"\1", text)
        if text.isascii() and len(text) > 100:
            found.append(text)
    return found


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--teacher", type=pathlib.Path, required=True)
    arguments.add_argument("--out", type=pathlib.Path, required=True)
    arguments.add_argument("--minutes", type=float, default=15)
    arguments.add_argument("--temperature", type=float, default=0.9)
    arguments.add_argument("--seed", type=int, default=0)
    given = arguments.parse_args()
    torch.manual_seed(given.seed)
    torch.set_grad_enabled(False)
    model, rotate = teacher(given.teacher)
    check(model, given.teacher)
    tokenizer = Tokenizer.from_file(str(given.teacher / "tokenizer.json"))
    kept = torch.arange(len(model.tok_embeddings.weight))
    started, characters = time.time(), 0
    while time.time() - started < 60 * given.minutes:
        mass = torch.zeros(len(kept))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            ids = write(model, rotate, kept, given.temperature, mass)
        if len(kept) > KEPT:
            kept = mass.argsort(descending=True)[:KEPT].sort().values
            print(f"kept {KEPT} tokens with {mass[kept].sum() / mass.sum():.5f} of the probability", flush=True)
        stories = documents(ids, tokenizer)
        with given.out.open("a") as file:
            file.writelines(f"{story}\n" for story in stories)
        characters += sum(map(len, stories))
        print(f"{time.time() - started:.0f} s: {characters} characters", flush=True)


if __name__ == "__main__":
    main()
