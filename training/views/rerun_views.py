"""Runs the Python that Cogscope copies for each view, and keeps what was run with the numbers that it gave.

    .venv-patching/bin/python training/views/rerun_views.py      (the environment of training/patching; `node` in PATH)

The models are saved as a person has them, in a folder with their tokenizer, and each file's `main` is run on that folder; then its function is run for its numbers. Into test/fixtures/views go
`cases.json` (what was shown, and the hash of the text that was run), the texts of gpt2's cases but for those that are alike, `goldens.safetensors` with the numbers, and the tokenizer. Tests hold the writer to the texts, and
the engine to the numbers.
"""
import contextlib
import hashlib
import importlib.metadata
import importlib.util
import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformer_lens.model_bridge import TransformerBridge
from transformers import PreTrainedTokenizerFast

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path += [str(REPOSITORY / "training" / part) for part in ("patching", "fixtures")]

import styles  # noqa: E402
from models import SAME_MODEL, TEST, logits_of_file  # noqa: E402

OUT = TEST / "views"
MODELS = {"gpt2": lambda: styles.gpt2("eager", layers=3, width=styles.WIDTH, heads=styles.HEADS, seed=1), "llama": lambda: styles.llama("eager")}
HEADS = {"gpt2": (2, 1), "llama": (1, 3)}
# Whose texts differ from another one in a line or two.
ALIKE = {f"gpt2-{text}-{kind}" for text in ("repeated", "scored") for kind in ("previousToken", "duplicateToken", "currentToken", "firstToken", "offset")} | {"gpt2-scored-induction"}


def tokenizer():
    """A word for each id; the first is for what is unknown, and the second stands before a text."""
    made = Tokenizer(models.WordLevel({["<unk>", "<s>"][id] if id < 2 else f"w{id}": id for id in range(styles.VOCAB)}, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", 1)])
    return PreTrainedTokenizerFast(tokenizer_object=made, unk_token="<unk>", bos_token="<s>")


def words(ids: list[int]) -> str:
    return " ".join(f"w{id}" for id in ids)


def views(prompt, target, distractor, text: bool) -> dict[str, dict]:
    """What is shown, by name. `prompt` makes a prompt of ids; of two tokens the one is an id and the other perhaps a text."""
    ids = [52, 51, 16, 63, 70, 12, 55, 18, 59]
    other = [52, 51, 27, 16, 63, 70, 29, 18, 59]
    spelled = f" w{target}" if text else target
    start = [1] if text else []
    repeated = dict(kind="repeated", rows=3, seed=7, period=12, start=start, end=[], length=24 + len(start), pool=[[0, 0], [2, styles.VOCAB - 1]] if text else [[0, styles.VOCAB - 1]])
    drawn = [[0.0] * 4 for _ in range(4)]
    drawn[1][0] = drawn[2][2] = 1.0
    drawn[3][1] = 0.5
    # Of the two prompts above: what is the same, what was changed, and what stands in one alone. The start token comes first.
    pairs = [(0, 0), (1, 1), (-1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, -1), (7, 7), (8, 8)]
    columns = [[0, 0], *([a + 1 if a >= 0 else -1, b + 1 if b >= 0 else -1] for a, b in pairs)] if text else [list(pair) for pair in pairs]
    run = dict(kind="run")
    made = {
        **{kind: dict(kind=kind) for kind in ("pattern", "scores", "weighted", "rollout")},
        "effect": dict(kind="effect", target=spelled),
        "difference": dict(kind="difference", second=prompt(other), columns=columns),
        "mean": dict(kind="mean", prompts=[prompt(ids), prompt(other), prompt(ids[::-1])]),
        "writes": dict(kind="writes", position=-1, source=2, reads="run"),
        "writes-state": dict(kind="writes", position=-1, source=2, reads="state"),
        "writes-embedding": dict(kind="writes", position=4, source=2, reads="embedding"),
        "outputs-norm": dict(kind="outputs", position=-1, target=None),
        "outputs-effect": dict(kind="outputs", position=3, target=spelled),
        "lens": dict(kind="lens", mid=False, target=None, distractor=None, positions=[]),
        "lens-target": dict(kind="lens", mid=True, target=spelled, distractor=None, positions=[-1]),
        "lens-difference": dict(kind="lens", mid=True, target=spelled, distractor=distractor, positions=[0, 3, 8]),
    }
    for kind in ("previousToken", "duplicateToken", "induction", "currentToken", "firstToken"):
        made[f"repeated-{kind}"] = dict(kind="headScores", pattern=dict(kind=kind), text=repeated)
        made[f"scored-{kind}"] = dict(kind="headScores", pattern=dict(kind=kind), text=run)
    made["repeated-offset"] = dict(kind="headScores", pattern=dict(kind="offset", offset=-3), text=repeated)
    made["scored-offset"] = dict(kind="headScores", pattern=dict(kind="offset", offset=-2), text=run)
    made["scored-drawn"] = dict(kind="headScores", pattern=dict(kind="drawn", name="mine", size=4, values=sum(drawn, [])), text=run)
    return made


def prompt_of(name: str, view: dict, prompt, text: bool) -> dict:
    if view["kind"] != "headScores":
        return prompt([52, 51, 16, 63, 70, 12, 55, 18, 59])
    if view["pattern"]["kind"] == "drawn":
        return prompt([52, 51, 52] if text else [52, 51, 52, 16])
    return prompt([52, 51, 16, 52, 51, 16, 63, 52, 51])


def cases() -> list[dict]:
    asked = json.loads((TEST / "lens" / "goldens.json").read_text())["subjects"]
    made = []
    for subject in MODELS:
        text = subject == "gpt2"
        prompt = (lambda ids: dict(kind="text", text=words(ids), special=True)) if text else (lambda ids: dict(kind="ids", ids=ids))
        layer, head = HEADS[subject]
        for name, view in views(prompt, asked[subject]["target"], asked[subject]["distractor"], text).items():
            shown = dict(model=Path(asked[subject]["model"]).name, prompt=prompt_of(name, view, prompt, text), view=view,
                         head=dict(kind="head", tower="", layer=layer, attention="self", head=head, position=None))
            made.append(dict(name=f"{subject}-{name}", subject=subject, path=asked[subject]["model"], shown=shown))
    return made


def written(made: list[dict]) -> list[str]:
    code = """
import { text } from 'node:stream/consumers';
import { writeViewPython } from './src/shared/python/write.ts';
const floats = (key, value) => (key === 'values' ? Float32Array.from(value) : value);
process.stdout.write(JSON.stringify(JSON.parse(await text(process.stdin), floats).map(({ shown }) => writeViewPython(shown))));
"""
    done = subprocess.run(["node", "--input-type=module", "--eval", code], input=json.dumps(made), capture_output=True, text=True, cwd=REPOSITORY)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def numbers(module, kind: str, given: list) -> dict[str, torch.Tensor]:
    """What a file's function gives, by name."""
    match kind:
        case "mean":
            return dict(zip(("mean", "deviation"), module.mean(*given)))
        case "outputs":
            return dict(zip(("norms", "effects"), module.outputs(*given)))
        case "headScores":
            return dict(values=module.head_scores(*given))
        case "lens":
            _, read = module.lens(*given)
            parts, logit = module.attribution(*given) if hasattr(module, "attribution") else ({}, None)
            return read | {f"part.{address}": values for address, values in parts.items()} | ({} if logit is None else dict(logit=logit))
        case _:
            return dict(values=getattr(module, kind)(*given))


def main() -> None:
    torch.set_grad_enabled(False)
    sys.dont_write_bytecode = True
    OUT.mkdir(exist_ok=True)
    for old in OUT.glob("*.py"):
        old.unlink()
    made, goldens = cases(), {}
    with tempfile.TemporaryDirectory() as folder:
        bridges = {}
        for subject, make in MODELS.items():
            place = Path(folder) / subject
            make().save_pretrained(place)
            tokenizer().save_pretrained(place)
            bridges[subject] = TransformerBridge.boot_transformers(str(place))
            ids = torch.arange(2, 12)[None]
            away = (logits_of_file(next(case["path"] for case in made if case["subject"] == subject), ids) - bridges[subject](ids)).abs().max().item()
            print(f"{subject}: logits of the file and of TransformerLens differ by at most {away:.1e}")
            assert away < SAME_MODEL
        for case, text in zip(made, written(made), strict=True):
            path = Path(folder) / "view.py"
            path.write_text(text)
            spec = importlib.util.spec_from_file_location("view", path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            sys.argv = [str(path), str(Path(folder) / case["subject"])]
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                module.main()
            assert printed.getvalue().strip(), case["name"]
            given = [bridges[case["subject"]], *([tokenizer()] if "AutoTokenizer" in text else [])]
            for name, values in numbers(module, case["shown"]["view"]["kind"], given).items():
                goldens[f"{case['name']}/{name}"] = values.float().contiguous().clone()
            case["sha256"] = hashlib.sha256(text.encode()).hexdigest()
            if case["subject"] == "gpt2" and case["name"] not in ALIKE:
                (OUT / f"{case['name']}.py").write_text(text)
            print(f"{case['name']}: {printed.getvalue().splitlines()[0]}")
    save_file(goldens, OUT / "goldens.safetensors")
    tokenizer().backend_tokenizer.save(str(OUT / "tokenizer.json"))
    versions = {name: importlib.metadata.version(name) for name in ("transformer-lens", "torch", "transformers")}
    listed = ",\n  ".join(json.dumps(case) for case in made)
    (OUT / "cases.json").write_text(f'{{\n "versions": {json.dumps(versions)},\n "cases": [\n  {listed}\n ]\n}}\n')


if __name__ == "__main__":
    main()
