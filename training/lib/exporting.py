"""Exporting to ONNX the way a user does, with nothing of this machine left in the file."""
import pathlib
import re
import warnings

import onnx
import torch


def export(model, arguments: tuple, path: pathlib.Path, opset: int, inputs: list[str], dynamic: dict, source_root: pathlib.Path | None = None) -> None:
    """Writes `model` to `path` through torch's current exporter; inputs are [batch, sequence], both dynamic."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(model.eval(), arguments, path, dynamo=True, opset_version=opset, input_names=inputs,
                          output_names=["logits"], dynamic_shapes=dynamic, external_data=False, verbose=False)
    scrub(path, source_root)


def scrub(path: pathlib.Path, source_root: pathlib.Path | None) -> None:
    """The exporter records absolute paths of Python files: keeps what follows site-packages, or the source's folder."""
    graph = onnx.load(path)
    for node in graph.graph.node:
        for entry in node.metadata_props:
            entry.value = relative(entry.value, source_root)
    onnx.save(graph, path)


def relative(text: str, source_root: pathlib.Path | None) -> str:
    if source_root is not None:
        text = text.replace(f"{source_root}/", "")
    text = re.sub(r'File "[^"]*?/(?:site|dist)-packages/', 'File "', text)
    return re.sub(r'File "/[^"]*/([^"/]+)"', r'File "\1"', text)
