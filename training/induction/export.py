"""Writes examples/induction/induction.onnx and its tokenizer.json from a checkpoint of train.py.

    python training/induction/export.py --checkpoint CHECKPOINT.pt
"""
import argparse
import pathlib
import sys

import onnxruntime
import torch

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = REPOSITORY / "examples" / "induction"
sys.path[:0] = [str(EXAMPLE), str(REPOSITORY / "training" / "lib")]
from data import repeated
from exporting import export
from model import AttentionOnly
from vocabulary import tokenizer
from words import VOCABULARY

OPSET, TOLERANCE = 20, 5e-5


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--checkpoint", type=pathlib.Path, required=True)
    model = AttentionOnly(len(VOCABULARY)).eval()
    model.load_state_dict(torch.load(arguments.parse_args().checkpoint)["model"])

    path = EXAMPLE / "induction.onnx"
    ids = repeated(2, 12, torch.Generator().manual_seed(1))
    dynamic = ({0: torch.export.Dim("batch"), 1: torch.export.Dim("sequence")},)
    export(model, (ids,), path, OPSET, ["input_ids"], dynamic, source_root=EXAMPLE)
    tokenizer().save(str(EXAMPLE / "tokenizer.json"))

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    for period in (5, 12, 31):
        ids = repeated(3, period, torch.Generator().manual_seed(period))
        with torch.no_grad():
            expected = model(ids)
        (actual,) = session.run(None, {"input_ids": ids.numpy()})
        worst = (torch.from_numpy(actual) - expected).abs().max().item()
        print(f"{ids.shape[1]} tokens: max abs difference to PyTorch {worst:.1e}")
        assert worst < TOLERANCE
    print(f"{path.relative_to(REPOSITORY)}: {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
