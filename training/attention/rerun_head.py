"""Runs the Python that Cogscope copies for a head, and holds the pattern that it gets to the one that Cogscope gets of the ONNX file.

    npm run build
    .venv-patching/bin/python training/attention/rerun_head.py

What was right of gpt2's goes to test/fixtures/attention, where a test finds the text that was proved.
"""
import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from safetensors.torch import load_file

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.append(str(REPOSITORY / "training" / "patching"))

from models import SAME_MODEL, TEST, subjects  # noqa: E402
from rerun import TOKENIZER, words  # noqa: E402

KEPT = TEST / "attention"
HEADS = {"gpt2": (2, 1), "llama": (0, 3)}


def written(head: tuple[int, int], prompt: dict) -> str:
    shown = dict(model="torch-20.onnx", prompt=prompt, head=dict(kind="head", tower="", layer=head[0], attention="self", head=head[1], position=None))
    code = f"import {{ writePatternPython }} from './src/shared/attentionPython.ts'; process.stdout.write(writePatternPython({json.dumps(shown)}));"
    return subprocess.run(["node", "--input-type=module", "--eval", code], capture_output=True, text=True, check=True, cwd=REPOSITORY).stdout


def run(text: str, folder: Path, *given) -> torch.Tensor:
    path = folder / "head.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location("head", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.attention(*given)[1]


def ours(path: str, ids: list[int], head: tuple[int, int], folder: Path) -> torch.Tensor:
    tap, out = f"blocks.{head[0]}.attn.hook_pattern", folder / "taps.safetensors"
    subprocess.run(["node", REPOSITORY / "dist" / "cli.js", "run", REPOSITORY / path, "--ids", ",".join(map(str, ids)), "--tap", tap, "--out", out], capture_output=True, check=True)
    return load_file(out)[tap][0, head[1]]


def main() -> None:
    torch.set_grad_enabled(False)
    sys.dont_write_bytecode = True
    KEPT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for subject in subjects():
            if subject.name not in HEADS:
                continue
            head, ids = HEADS[subject.name], subject.clean[0].tolist()
            golden = ours(subject.path, ids, head, folder)
            for kind, prompt, given in (("ids", dict(kind="ids", ids=ids), ()), ("text", dict(kind="text", text=words(ids), special=False), (TOKENIZER,))):
                text = written(head, prompt)
                away = (run(text, folder, subject.bridge, *given).cpu() - golden).abs().max().item()
                print(f"{subject.name}, {kind}: patterns differ by at most {away:.1e}")
                assert away < SAME_MODEL
                if subject.name == "gpt2":
                    (KEPT / f"{subject.name}-{kind}.py").write_text(text)


if __name__ == "__main__":
    main()
