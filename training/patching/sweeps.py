"""
Activation patching by transformer_lens.patching: every get_act_patch_* function, and the sweeps that its generic function gives for further sites.

TransformerLens 4.3 patches in place, and its hook_resid_mid is the input of the second norm: without gradients the state that goes on past the MLP
is the same tensor and is patched as well, with gradients it is a clone and is not. `whole_layers` proves that what is recorded here is the former.
"""
from collections.abc import Callable

import pandas
import torch
from transformer_lens import patching

from models import Subject

AXES_OF_POSITIONS, AXES_OF_HEADS = ["layer", "position"], ["layer", "head"]


def _pos(activation, index, clean):
    return patching.layer_pos_patch_setter(activation, index, clean)


def _whole(activation, index, clean):
    activation[:] = clean
    return activation


def _neuron(activation, index, clean):
    activation[:, :, index[1]] = clean[:, :, index[1]]
    return activation


def generic(name: str, setter: Callable, axes: tuple[str, ...]) -> Callable:
    return lambda *given, **more: patching.generic_activation_patch(*given, patch_setter=setter, activation_name=name, index_axis_names=axes, **more)


def neurons(layer: int, count: int) -> Callable:
    rows = pandas.DataFrame([(layer, neuron) for neuron in range(count)], columns=["layer", "head"])
    return lambda *given, **more: patching.generic_activation_patch(*given, patch_setter=_neuron, activation_name="post", index_df=rows, **more)


# Site, way of cutting it up, axes of the result; by the name of the function.
BLOCK = {f"get_act_patch_{site}": (site, "position", AXES_OF_POSITIONS) for site in ("resid_pre", "resid_mid", "attn_out", "mlp_out")}
HEADS_ALL = {f"get_act_patch_attn_head_{name}_all_pos": (site, "head", AXES_OF_HEADS) for name, site in (("out", "z"), ("q", "q"), ("k", "k"), ("v", "v"), ("pattern", "pattern"))}
HEADS_BY = {f"get_act_patch_attn_head_{name}_by_pos": (site, "head-position", ["layer", "position", "head"]) for name, site in (("out", "z"), ("q", "q"), ("k", "k"), ("v", "v"))}
PATTERN_BY = {"get_act_patch_attn_head_pattern_by_pos": ("pattern", "head-position", ["layer", "head", "position"])}
SINGLE = {"get_act_patch_attn_head_pattern_dest_src_pos": ("pattern", "head-dest-src", ["layer", "head", "position", "source"])}
FAMILY = BLOCK | HEADS_ALL | HEADS_BY | PATTERN_BY | SINGLE


def functions(subject: Subject) -> dict[str, tuple[Callable, str, str | None, list[str], list[int] | None]]:
    """By name: the sweep, its site, how it is cut up, the axes of its result, and the layers, where not all."""
    has_mlp = "blocks.0.hook_mlp_out" in subject.bridge.hook_dict
    needs_mlp = lambda site: site in ("resid_mid", "mlp_out", "mlp_post")
    found = {name: (getattr(patching, name), site, by, axes, None) for name, (site, by, axes) in FAMILY.items()}
    found["generic: resid_post by position"] = (generic("resid_post", _pos, ("layer", "pos")), "resid_post", "position", AXES_OF_POSITIONS, None)
    for site in ("attn_out", "mlp_out", "resid_pre"):
        found[f"generic: {site}, whole"] = (generic(site, _whole, ("layer",)), site, "layer", ["layer"], None)
    if has_mlp:
        width = subject.bridge.run_with_cache(subject.clean)[1]["blocks.1.mlp.hook_post"].shape[-1]
        found["generic: neurons of layer 1"] = (neurons(1, width), "mlp_post", "neuron", ["neuron"], [1])
    return {name: entry for name, entry in found.items() if has_mlp or not needs_mlp(entry[1])}


def sweep(function: Callable, subject: Subject, metric: Callable, direction: str) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """[*axes, pairs] of patched metrics, and the metrics [pairs] of the clean and of the corrupted run."""
    source, base = (subject.clean, subject.corrupted) if direction == "denoise" else (subject.corrupted, subject.clean)
    _, cache = subject.bridge.run_with_cache(source)
    values = function(subject.bridge, base, cache, metric, reduce="none").values
    return values, metric(subject.bridge(subject.clean)), metric(subject.bridge(subject.corrupted))


def whole_layers(subject: Subject) -> None:
    """Patching a state of the stream at all positions gives the clean run."""
    logits, cache = subject.bridge.run_with_cache(subject.clean)
    for layer in range(subject.bridge.cfg.n_layers):
        for site in ("resid_pre", "resid_mid", "resid_post"):
            name = f"blocks.{layer}.hook_{site}"
            if name not in subject.bridge.hook_dict:
                continue
            patched = subject.bridge.run_with_hooks(subject.corrupted, fwd_hooks=[(name, lambda activation, hook: _whole(activation, None, cache[name]))])
            difference = (patched - logits).abs().max().item()
            assert difference < 1e-5, f"{subject.name} {name}: the patched run is off by {difference}"
