"""TransformerLens's sweeps on the shape of GPT-2 small, in plain onnxruntime forwards of the same machine: the unit of `npm run bench -- --only patching`.

    python -m venv .venv-bench && .venv-bench/bin/pip install -r bench/transformerlens/requirements.txt
    npm run bench -- --only patching          # makes the ONNX file, and our own figures
    .venv-bench/bin/python bench/transformerlens/compare.py [--write]

Weights are random: time does not depend on them. Of each sweep a number of cells is run, spread evenly over it, each between a plain onnxruntime forward and one of
TransformerBridge, so that what else the machine does meets all three; TransformerLens runs one forward a cell, so the sweep's time is the median times the number of cells.
`--cells 0` runs them all. `--write` puts the figures into measured.json beside this file, from which the bench takes its limits.
"""
import argparse
import importlib.metadata
import itertools
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


def plain_forward(path: pathlib.Path, threads: int) -> Callable[[], object]:
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])
    feeds = {"input_ids": numpy.array([prompt(13)], dtype=numpy.int64)}
    return lambda: session.run(["logits"], feeds)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=pathlib.Path, default=REPOSITORY / "out" / "bench" / "models" / "gpt2-small-v1.onnx")
    parser.add_argument("--cells", type=int, default=48, help="of each sweep; 0: all")
    parser.add_argument("--threads", type=int, default=0, help="of both runtimes; 0: as they choose. With 1, what else runs disturbs least: threads that wait for each other are hit hardest")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    logging.getLogger("transformers").setLevel(logging.ERROR)
    torch.set_grad_enabled(False)

    load = os.getloadavg()[0]
    plain = plain_forward(options.model, options.threads)
    if options.threads > 0:
        torch.set_num_threads(options.threads)
    model = GPT2LMHeadModel(GPT2Config(attn_implementation="eager")).eval()
    bridge = build_bridge_from_module(model, "GPT2LMHeadModel", hf_config=model.config, model_name="gpt2").eval()
    clean, corrupted = (torch.tensor([prompt(offset)]) for offset in (13, 4242))
    _, cache = bridge.run_with_cache(clean)
    metric = lambda logits: logits[0, -1, 0] - logits[0, -1, 1]

    # Site, setter, and its cells as rows of indices.
    sweeps = {
        "resid": ("resid_pre", patching.layer_pos_patch_setter, ["layer", "pos"], (LAYERS, LENGTH)),
        "head": ("z", patching.layer_head_vector_patch_setter, ["layer", "head"], (LAYERS, HEADS)),
        "head-position": ("z", patching.layer_pos_head_vector_patch_setter, ["layer", "pos", "head"], (LAYERS, LENGTH, HEADS)),
    }
    forward = lambda: bridge(corrupted)
    for work in (plain, forward):
        for _ in range(3):
            work()
    figures, plains, forwards = {}, [], []
    for name, (site, setter, axes, sizes) in sweeps.items():
        cells = list(itertools.product(*map(range, sizes)))
        taken = cells if options.cells == 0 else [cells[index * len(cells) // options.cells] for index in range(options.cells)]
        own, around = [], []
        for cell in taken:
            around.append(milliseconds(plain))
            forwards.append(milliseconds(forward))
            rows = pandas.DataFrame([cell], columns=axes)
            own.append(milliseconds(lambda: patching.generic_activation_patch(bridge, corrupted, cache, metric, setter, site, index_df=rows)))
        plains += around
        ms = statistics.median(own) * len(cells)
        figures[name] = dict(cells=len(cells), run=len(taken), ms=round(ms), forwards=round(statistics.median(own) / statistics.median(around) * len(cells), 1))
        print(f"{name}: {len(cells)} cells in {ms / 1000:.1f} s (from {len(taken)}): {figures[name]['forwards']} plain onnxruntime forwards", flush=True)
    unit = statistics.median(plains)
    print(f"one plain onnxruntime forward {unit:.1f} ms, one of TransformerBridge {statistics.median(forwards):.1f} ms")
    processor = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.processor()) if os.path.exists("/proc/cpuinfo") else platform.processor()
    result = dict(date=time.strftime("%Y-%m-%d"), machine=f"{processor}, {os.cpu_count()} cores", load=round(load, 2), threads=options.threads or os.cpu_count(),
                  versions={name: importlib.metadata.version(name) for name in ("transformer-lens", "torch", "transformers", "onnxruntime")},
                  plainForwardMs=round(unit, 1), bridgeForwardMs=round(statistics.median(forwards), 1), sweeps=figures)
    print(json.dumps(result))
    if options.write:
        (HERE / "measured.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
