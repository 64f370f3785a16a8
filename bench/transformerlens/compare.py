"""TransformerLens's sweeps on the shape of GPT-2 small, in plain onnxruntime forwards of the same machine: the unit of `npm run bench -- --only patching`.

    python -m venv .venv-bench && .venv-bench/bin/pip install -r bench/transformerlens/requirements.txt
    npm run bench -- --only patching          # makes the ONNX file, and our own figures
    .venv-bench/bin/python bench/transformerlens/compare.py [--write]

Weights are random: time does not depend on them. Both plain forwards are measured before and after each sweep, so that what else the machine does meets both.
`--write` puts the figures into measured.json beside this file, from which the bench takes its limits.
"""
import argparse
import importlib.metadata
import json
import logging
import os
import pathlib
import platform
import statistics
import time
from collections.abc import Callable

os.environ["TQDM_DISABLE"] = "1"

import numpy
import onnxruntime
import pandas
import torch
from transformer_lens import patching
from transformer_lens.model_bridge.sources._bridge_builder import build_bridge_from_module
from transformers import GPT2Config, GPT2LMHeadModel

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
LENGTH, VOCAB, LAYERS, HEADS = 15, 50257, 12, 12


def prompt(offset: int) -> list[int]:
    return [(index * 7919 + offset) % VOCAB for index in range(LENGTH)]


def milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def plain_forward(path: pathlib.Path) -> Callable[[], object]:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    feeds = {"input_ids": numpy.array([prompt(13)], dtype=numpy.int64)}
    return lambda: session.run(["logits"], feeds)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=pathlib.Path, default=REPOSITORY / "out" / "bench" / "models" / "gpt2-small-v1.onnx")
    parser.add_argument("--heads-by-position", type=int, default=216, help="so many of the 2,160 cells are run, and the time is scaled up")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    logging.getLogger("transformers").setLevel(logging.ERROR)
    torch.set_grad_enabled(False)

    load = os.getloadavg()[0]
    plain = plain_forward(options.model)
    model = GPT2LMHeadModel(GPT2Config(attn_implementation="eager")).eval()
    bridge = build_bridge_from_module(model, "GPT2LMHeadModel", hf_config=model.config, model_name="gpt2").eval()
    clean, corrupted = (torch.tensor([prompt(offset)]) for offset in (13, 4242))
    _, cache = bridge.run_with_cache(clean)
    metric = lambda logits: logits[0, -1, 0] - logits[0, -1, 1]

    def heads_by_position() -> object:
        rows = pandas.DataFrame([(cell // (LENGTH * HEADS), cell // HEADS % LENGTH, cell % HEADS) for cell in range(0, LAYERS * LENGTH * HEADS, LAYERS * LENGTH * HEADS // options.heads_by_position)],
                                columns=["layer", "pos", "head"])
        return patching.generic_activation_patch(bridge, corrupted, cache, metric, patching.layer_pos_head_vector_patch_setter, "z", index_df=rows)

    sweeps = {
        "resid": (LAYERS * LENGTH, 1.0, lambda: patching.get_act_patch_resid_pre(bridge, corrupted, cache, metric)),
        "head": (LAYERS * HEADS, 1.0, lambda: patching.get_act_patch_attn_head_out_all_pos(bridge, corrupted, cache, metric)),
        "head-position": (LAYERS * HEADS * LENGTH, LAYERS * HEADS * LENGTH / options.heads_by_position, heads_by_position),
    }
    forward = lambda: bridge(corrupted)
    for work in (plain, forward):
        for _ in range(3):
            work()
    figures, plains, forwards = {}, [], []
    for name, (cells, scale, sweep) in sweeps.items():
        around = [milliseconds(plain) for _ in range(8)]
        forwards += [milliseconds(forward) for _ in range(8)]
        ms = milliseconds(sweep) * scale
        around += [milliseconds(plain) for _ in range(8)]
        plains += around
        figures[name] = dict(cells=cells, ms=round(ms), forwards=round(ms / statistics.median(around), 1))
        print(f"{name}: {cells} cells in {ms / 1000:.1f} s{'' if scale == 1 else f' (scaled up from {cells / scale:.0f})'}: {figures[name]['forwards']} plain onnxruntime forwards", flush=True)
    unit = statistics.median(plains)
    print(f"one plain onnxruntime forward {unit:.1f} ms, one of TransformerBridge {statistics.median(forwards):.1f} ms")
    processor = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.processor()) if os.path.exists("/proc/cpuinfo") else platform.processor()
    result = dict(date=time.strftime("%Y-%m-%d"), machine=f"{processor}, {os.cpu_count()} cores", load=round(load, 2),
                  versions={name: importlib.metadata.version(name) for name in ("transformer-lens", "torch", "transformers", "onnxruntime")},
                  plainForwardMs=round(unit, 1), bridgeForwardMs=round(statistics.median(forwards), 1), sweeps=figures)
    print(json.dumps(result))
    if options.write:
        (HERE / "measured.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
