"""Ablation, causal tracing, path patching and steering by hooks on TransformerLens's bridge. Results are [cells, pairs] of metrics."""
from collections.abc import Callable

import torch

from models import Subject
from noise import noise

Hook = tuple[str, Callable]


def run(subject: Subject, ids: torch.Tensor, hooks: list[Hook]) -> torch.Tensor:
    return subject.bridge.run_with_hooks(ids, fwd_hooks=hooks)


def setting(name: str, change: Callable[[torch.Tensor], None]) -> Hook:
    """A hook that changes a copy."""
    def hook(activation, hook):
        changed = activation.clone()
        change(changed)
        return changed
    return name, hook


def assign(target: torch.Tensor, at: tuple, value) -> None:
    target[at] = value


ALL = slice(None)


# Ablation

def replacement(how: str, activation: torch.Tensor) -> torch.Tensor:
    """What stands in for an activation of [pairs, positions, …], where all prompts have one length."""
    match how:
        case "zero":
            return torch.zeros_like(activation)
        case "mean":
            return activation.mean(0, keepdim=True).expand_as(activation)
        case "resample":
            # Of two pairs, the other one.
            assert activation.shape[0] == 2
            return activation.flip(0)
    raise ValueError(how)


def ablate(subject: Subject, how: str, sets: list[list[tuple[str, tuple]]], metric: Callable) -> torch.Tensor:
    """Each set: places (hook, index behind the positions' axis) that are ablated at once."""
    _, cache = subject.bridge.run_with_cache(subject.clean)
    rows = []
    for places in sets:
        hooks = [setting(name, lambda changed, name=name, at=at: assign(changed, (ALL, ALL, *at), replacement(how, cache[name])[(ALL, ALL, *at)])) for name, at in places]
        rows.append(metric(run(subject, subject.clean, hooks)))
    return torch.stack(rows)


# Causal tracing, as ROME's causal_trace.py does it.

def layers_around(layer: int, window: int, layers: int) -> range:
    """Half of the window before a layer, the other half from it on."""
    return range(max(0, layer - window // 2), min(layers, layer - (-window // 2)))


def disturbance(subject: Subject, positions: list[int], sigma: float, samples: int, seed: int) -> torch.Tensor:
    """[samples, positions, width]: sigma is counted in standard deviations of all elements of the token embedding."""
    table = subject.bridge.W_E.double()
    return noise(seed, samples, len(positions), table.shape[1], sigma * table.std(correction=0).item())


def trace(subject: Subject, pair: int, site: str, window: int, positions: list[int], disturbed: torch.Tensor, metric: Callable) -> tuple[torch.Tensor, float, float]:
    """[layers, positions] of the metric, mean over the samples; the clean metric and the mean of the disturbed ones."""
    ids = subject.clean[pair:pair + 1].expand(disturbed.shape[0], -1)
    logits, cache = subject.bridge.run_with_cache(subject.clean[pair:pair + 1])
    add = setting("hook_embed", lambda changed: assign(changed, (ALL, positions), changed[:, positions] + disturbed))
    layers, length = subject.bridge.cfg.n_layers, ids.shape[1]
    values = torch.empty(layers, length)
    for layer in range(layers):
        for position in range(length):
            restored = [f"blocks.{other}.hook_{site}" for other in layers_around(layer, window, layers)]
            hooks = [setting(name, lambda changed, name=name: assign(changed, (ALL, position), cache[name][:, position])) for name in restored]
            values[layer, position] = metric(run(subject, ids, [add, *hooks])).mean()
    return values, metric(logits).item(), metric(run(subject, ids, [add])).mean().item()


# Path patching

def path_patch(subject: Subject, source: torch.Tensor, base: torch.Tensor, sender: tuple[int, int | None], receivers: list[str], metric: Callable, recomputed: bool = False) -> torch.Tensor:
    """
    `sender`: a layer and its head, or None for the MLP. Receivers: "L1H0.q" and the like (keys and values by their own heads), and "logits".
    First all heads and, unless they are `recomputed`, MLPs are frozen to the base run but for the sender, which is the source's; what receivers then read is put into a run that is otherwise the base.
    What reaches the logits directly is added to the last state, so that beside heads each edge carries the sender's writing once.
    """
    bridge, layers = subject.bridge, subject.bridge.cfg.n_layers
    _, given = bridge.run_with_cache(source)
    _, own = bridge.run_with_cache(base)
    parts = ("attn.hook_z",) if recomputed else ("attn.hook_z", "hook_mlp_out")
    frozen = [f"blocks.{layer}.{part}" for layer in range(layers) for part in parts if f"blocks.{layer}.{part}" in bridge.hook_dict]
    layer, head = sender
    changed_at = f"blocks.{layer}.attn.hook_z" if head is not None else f"blocks.{layer}.hook_mlp_out"
    if changed_at not in frozen:
        frozen.append(changed_at)

    def freeze(name: str) -> Hook:
        def change(changed: torch.Tensor) -> None:
            changed[:] = own[name]
            if name == changed_at:
                at = (ALL, ALL, head) if head is not None else (ALL,)
                changed[at] = given[name][at]
        return setting(name, change)

    # Only what lies behind the sender reads it: of its own layer the MLP, if a head sends.
    recorded: dict[str, torch.Tensor] = {}
    reading = {name: None for name in (place(one)[0] for one in receivers if one != "logits")}
    last = f"blocks.{layers - 1}.hook_resid_post"

    def record(name: str) -> Hook:
        def hook(activation, hook):
            recorded[name] = activation.clone()
        return name, hook

    run(subject, base, [*(freeze(name) for name in frozen), *(record(name) for name in [*reading, last])])
    hooks = []
    for one in receivers:
        if one == "logits":
            hooks.append(setting(last, lambda changed: changed.add_(recorded[last] - own[last])))
        else:
            name, at = place(one)
            hooks.append(setting(name, lambda changed, name=name, at=at: assign(changed, (ALL, ALL, at), recorded[name][:, :, at])))
    return metric(run(subject, base, hooks))


def place(receiver: str) -> tuple[str, int]:
    """ "L1H0.q" as the hook and the head. """
    head, part = receiver.removeprefix("L").split(".")
    layer, index = head.split("H")
    return f"blocks.{layer}.attn.hook_{part}", int(index)


# Steering

def steer(subject: Subject, name: str, direction: torch.Tensor, scales: list[float], metric: Callable) -> torch.Tensor:
    """The direction added at every position."""
    return torch.stack([metric(run(subject, subject.clean, [setting(name, lambda changed: changed.add_(scale * direction))])) for scale in scales])
