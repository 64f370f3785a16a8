"""Runs the Python that Cogscope writes for each golden experiment, and holds what it gives to the golden.

    npm run build
    .venv-patching/bin/python training/patching/rerun.py [WORD IN A CASE'S NAME]

The experiment is written to a file, `cogscope experiment FILE --python` makes the code, and its `experiment` is run on the models that the goldens were made with.
Some of those that are right go to test/fixtures/patching/written, where tests find the text that was proved.
"""
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer, models, pre_tokenizers
from transformer_lens import patching
from transformers import PreTrainedTokenizerFast

from models import REPOSITORY, TEST, subjects

GOLDENS = TEST / "patching"
WRITTEN = GOLDENS / "written"
EQUAL = 1e-4

# What is kept, by the name of its file: the first case of gpt2's that has all of this.
KEPT = {
    "activation-patching": dict(kind="activation-patching", sites=["resid_pre"], by="position"),
    "activation-patching-neurons": dict(kind="activation-patching", sites=["mlp_post"], by="neuron"),
    "activation-patching-kl": dict(kind="activation-patching", metric="kl", by="head"),
    "causal-tracing": dict(kind="causal-tracing", window=2),
    "ablation-zero": dict(kind="ablation", ablate="zero", sites=["attn_out"]),
    "ablation-mean": dict(kind="ablation", ablate="mean", sites=["z"]),
    "ablation-resample": dict(kind="ablation", ablate="resample", sites=["z"]),
    "path-patching": dict(kind="path-patching", receivers=["L2H1.q"]),
    "path-patching-to-both": dict(kind="path-patching", receivers=["L1H1.q", "L2H0.v", "logits"]),
    "path-patching-through-mlps": dict(kind="path-patching", receivers=["L2H0.v", "logits"], mlps="recomputed"),
    "activation-patching-weights": dict(kind="activation-patching", by="head-dest-src"),
    "path-patching-to-logits": dict(kind="path-patching", receivers=["logits"]),
    "steering": dict(kind="steering"),
    "steering-from-prompts": dict(kind="steering", direction={"from": "corrupted - clean", "position": "mean"}),
}

# A word for each id, since a subject is found in a text.
tokenizer = Tokenizer(models.WordLevel({f"w{id}": id for id in range(256)}, unk_token="w0"))
tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
TOKENIZER = PreTrainedTokenizerFast(tokenizer_object=tokenizer)


def words(ids: list[int]) -> str:
    return " ".join(f"w{id}" for id in ids)


def file_of(case: dict, pairs: list[dict], model: str) -> dict:
    """What a person would write: ids as they are, and texts where a subject is found in them or a direction is added."""
    own = dict(case["experiment"])
    pairs = pairs if case.get("pair") is None else [pairs[case["pair"]]]
    match own["kind"]:
        case "causal-tracing":
            own["noise"] = {name: own.pop(name) for name in ("sigma", "samples", "seed")}
            pairs = [dict(clean=words(pair["clean"]), target=f" {words([pair['target']])}", subject=words([pair["clean"][at] for at in case["positions"]])) for pair in pairs]
        case "steering":
            direction = own.pop("direction")
            own["steer"] = dict(address=own.pop("address")) | (dict(direction=f"../{direction}") if isinstance(direction, str) else direction) | dict(scale=own.pop("scales"))
            pairs = [pair | dict(clean=words(pair["clean"]), corrupted=words(pair["corrupted"]), target=f" {words([pair['target']])}") for pair in pairs]
    if own.get("together") == []:
        own.pop("together")
    return dict(cogscope=1, model=os.path.relpath(REPOSITORY / model, WRITTEN), pairs=pairs, special=False) | own


def address_of(case: dict, at: dict[str, int]) -> str:
    own, site = case["experiment"], case["experiment"].get("sites", ["z"])[0]
    behind = f"@{at['position']}" if "position" in at else ""
    behind += f",{at['source']}" if "source" in at else ""
    if "sender" in at:
        return own["senders"][at["sender"]]
    if "scale" in at:
        return f"{own['address']} × {own['scales'][at['scale']]:g}"
    if "all" in at:
        return " + ".join(own["together"])
    if "neuron" in at:
        return f"L{own['layers'][0]}N{at['neuron']}"
    if "head" in at:
        return f"L{at['layer']}H{at['head']}{'' if site == 'z' else f'.{site}'}{behind}"
    hook = f"attn.hook_{site}" if site in ("z", "q", "k", "v", "pattern") else f"hook_{site}"
    return f"blocks.{at['layer']}.{hook}{behind}"


def expected(case: dict, values: torch.Tensor) -> dict[str, list[float]]:
    return {address_of(case, dict(zip(case["axes"], index))): values[index].tolist() for index in numpy.ndindex(*values.shape[:-1])}


def written(file: dict, folder: Path):
    """The Python of an experiment, and the module that it is."""
    path = folder / "experiment.cogscope.json"
    path.write_text(f"{json.dumps(file, indent=2)}\n")
    done = subprocess.run(["node", REPOSITORY / "dist" / "cli.js", "experiment", path, "--python"], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{done.stderr}{json.dumps(file)}")
    code = folder / "experiment.py"
    code.write_text(done.stdout)
    spec = importlib.util.spec_from_file_location("experiment", code)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def keep(case: dict, folder: Path, names: dict[str, dict]) -> None:
    for name, wanted in list(names.items()):
        if case["subject"] == "gpt2" and all(case["experiment"].get(key) == value for key, value in wanted.items()):
            del names[name]
            for ending in (".cogscope.json", ".py"):
                shutil.copy(folder / f"experiment{ending}", WRITTEN / f"{name}{ending}")


def worst(found: list[float], golden: list[float]) -> float:
    return max((abs(one - other) for one, other in zip(found, golden, strict=True)), default=0.0)


def main() -> None:
    torch.set_grad_enabled(False)
    sys.dont_write_bytecode = True
    patching.tqdm = lambda rows: rows
    goldens = json.loads((GOLDENS / "goldens.json").read_text())
    bridges = {subject.name: subject.bridge for subject in subjects()}
    tensors = {name: load_file(GOLDENS / f"{name}.safetensors") for name in bridges}
    cases, cells, largest, wrong, names = 0, 0, 0.0, [], dict(KEPT)
    WRITTEN.mkdir(exist_ok=True)
    # Beside those that are kept, since paths in an experiment count from it.
    with tempfile.TemporaryDirectory(dir=GOLDENS) as folder:
        for case in goldens["cases"]:
            subject, own = goldens["subjects"][case["subject"]], case["experiment"]
            name = f"{case['subject']}: {case['function']} {json.dumps(own)}"
            if any(word not in name for word in sys.argv[1:]):
                continue
            file = file_of(case, subject["pairs"], subject["model"])
            module = written(file, Path(folder))
            given = [TOKENIZER] if any(isinstance(pair["clean"], str) for pair in file["pairs"]) else []
            got, *runs = module.experiment(bridges[case["subject"]], *given)
            golden = expected(case, tensors[case["subject"]][case["values"]])
            missing = golden.keys() - got.keys()
            difference = max([worst(got[address], golden[address]) for address in golden.keys() - missing] + [worst(run, case[which]) for run, which in zip(runs, ("clean", "corrupted"))])
            cases, cells, largest = cases + 1, cells + len(golden), max(largest, difference)
            if missing or difference >= EQUAL:
                wrong.append(f"{name}: {f'missing {sorted(missing)[:4]}' if missing else f'off by {difference:.1e}'}")
            else:
                keep(case, Path(folder), names)
    print("\n".join(wrong))
    print(f"{cases} experiments, {cells} cells: the written Python and the goldens differ by at most {largest:.1e}; {len(wrong)} wrong")
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
