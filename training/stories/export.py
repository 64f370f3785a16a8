"""Writes examples/stories/stories.onnx and its tokenizer.json from a checkpoint of train.py.

    python training/stories/export.py --checkpoint CHECKPOINT.pt --tokenizer tokenizer.json
"""
import argparse
import pathlib
import shutil
import sys

import onnxruntime
import torch
from tokenizers import Tokenizer

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = REPOSITORY / "examples" / "stories"
sys.path[:0] = [str(EXAMPLE), str(REPOSITORY / "training" / "lib")]
from exporting import export
from model import Stories

OPSET, TOLERANCE, LIMIT = 20, 5e-5, 25_000_000


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--checkpoint", type=pathlib.Path, required=True)
    arguments.add_argument("--tokenizer", type=pathlib.Path, required=True)
    arguments.add_argument("--out", type=pathlib.Path, default=EXAMPLE)
    given = arguments.parse_args()
    vocabulary = Tokenizer.from_file(str(given.tokenizer)).get_vocab_size()
    model = Stories(vocabulary).eval()
    model.load_state_dict(torch.load(given.checkpoint)["model"])

    path = given.out / "stories.onnx"
    ids = torch.randint(vocabulary, (2, 12), generator=torch.Generator().manual_seed(1))
    dynamic = ({0: torch.export.Dim("batch"), 1: torch.export.Dim("sequence")},)
    export(model, (ids,), path, OPSET, ["input_ids"], dynamic, source_root=EXAMPLE)
    shutil.copyfile(given.tokenizer, given.out / "tokenizer.json")

    # Two runs in single precision differ from each other by more than each does from the truth.
    exact = Stories(vocabulary).double().eval()
    exact.load_state_dict(model.state_dict())
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    for length in (1, 12, 256):
        ids = torch.randint(vocabulary, (3, length), generator=torch.Generator().manual_seed(length))
        with torch.no_grad():
            expected = exact(ids)
        (actual,) = session.run(None, {"input_ids": ids.numpy()})
        worst = (torch.from_numpy(actual) - expected).abs().max().item()
        print(f"{length} tokens: max abs difference to PyTorch in double precision {worst:.1e}")
        assert worst < TOLERANCE
    assert path.stat().st_size < LIMIT
    print(f"{path.name}: {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
