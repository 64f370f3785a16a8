"""Makes test/fixtures/patching: what TransformerLens computes on the weights of committed models.

    python -m venv .venv-patching && .venv-patching/bin/pip install -r training/patching/requirements.txt
    .venv-patching/bin/python training/patching/make_goldens.py

goldens.json has the subjects (a model and its pairs of prompts) and a case for each sweep: the TransformerLens function, the experiment as the engine takes it but for model
and pairs, and the axes of its values in SUBJECT.safetensors: float32 [*axes, pairs] of the metric. Weights are raw: nothing is folded or centred.
"""
import importlib.metadata
import json
import pathlib

import numpy
import torch
from safetensors.torch import save_file

from interventions import ablate, disturbance, path_patch, steer, trace
from metrics import metrics
from models import Subject, subjects, TEST
from sweeps import functions, sweep, whole_layers

OUT = TEST / "patching"


class Cases:
    def __init__(self, subject: Subject):
        self.subject, self.list, self.tensors = subject, [], {}

    def pairs(self) -> list[dict]:
        return [dict(clean=self.subject.clean[row].tolist(), corrupted=self.subject.corrupted[row].tolist(),
                     target=int(self.subject.target[row]), distractor=int(self.subject.distractor[row])) for row in range(len(self.subject.clean))]

    def add(self, function: str, experiment: dict, axes: list[str], values: torch.Tensor, clean, corrupted=None, **more) -> None:
        name = f"{len(self.list)}"
        self.tensors[name] = values.float().contiguous()
        listed = lambda metric: [metric] if isinstance(metric, float) else metric.tolist()
        self.list.append(dict(subject=self.subject.name, values=name, function=function, axes=axes, clean=listed(clean), corrupted=None if corrupted is None else listed(corrupted),
                              experiment=dict(metric="logit-difference", position=-1) | experiment) | more)


def patching(cases: Cases) -> None:
    subject = cases.subject
    whole_layers(subject)
    at_last = metrics(subject, -1)
    for direction in ("denoise", "noise"):
        for name, (function, site, by, axes, layers) in functions(subject).items():
            experiment = dict(kind="activation-patching", direction=direction, sites=[site], by=by) | ({} if layers is None else dict(layers=layers))
            cases.add(name, experiment, axes, *sweep(function, subject, at_last["logit-difference"], direction))
    # Every metric on a sweep by position and on one by head, and a position that later ones cannot reach.
    for name in ("get_act_patch_attn_out", "get_act_patch_attn_head_out_all_pos"):
        function, site, by, axes, _ = functions(subject)[name]
        for metric, measure in at_last.items():
            experiment = dict(kind="activation-patching", direction="denoise", sites=[site], by=by, metric=metric)
            cases.add(name, experiment, axes, *sweep(function, subject, measure, "denoise"))
        experiment = dict(kind="activation-patching", direction="denoise", sites=[site], by=by, position=7)
        cases.add(name, experiment, axes, *sweep(function, subject, metrics(subject, 7)["logit-difference"], "denoise"))


def heads_of(subject: Subject) -> list[tuple[int, int]]:
    return [(layer, head) for layer in range(subject.bridge.cfg.n_layers) for head in range(subject.bridge.cfg.n_heads)]


def ablation(cases: Cases) -> None:
    subject, measure = cases.subject, metrics(cases.subject, -1)["logit-difference"]
    clean = measure(subject.bridge(subject.clean))
    heads = heads_of(subject)
    layers = range(subject.bridge.cfg.n_layers)
    for how in ("zero", "mean", "resample"):
        common = dict(kind="ablation", ablate=how, together=[], seed=0)
        cases.add("heads by hooks", common | dict(sites=["z"], by="head"), ["layer", "head"],
                  ablate(subject, how, [[(f"blocks.{layer}.attn.hook_z", (head,))] for layer, head in heads], measure).view(len(layers), -1, len(clean)), clean)
        for site in ("attn_out", "mlp_out"):
            if f"blocks.0.hook_{site}" in subject.bridge.hook_dict:
                cases.add("sublayers by hooks", common | dict(sites=[site], by="layer"), ["layer"],
                          ablate(subject, how, [[(f"blocks.{layer}.hook_{site}", ())] for layer in layers], measure), clean)
        together = [heads[1], heads[-1], heads[-2]]
        cases.add("three heads at once", common | dict(sites=["z"], by="head", together=[f"L{layer}H{head}" for layer, head in together]), ["all"],
                  ablate(subject, how, [[(f"blocks.{layer}.attn.hook_z", (head,)) for layer, head in together]], measure), clean)


def tracing(cases: Cases) -> None:
    subject = cases.subject
    positions, sigma, samples, seed = [2, 3], 3.0, 4, 7
    disturbed = disturbance(subject, positions, sigma, samples, seed)
    cases.tensors["noise"] = disturbed
    for site, window in (("resid_post", 1), ("mlp_out", 1), ("mlp_out", 2), ("attn_out", 1), ("attn_out", 2), ("attn_out", 3), ("attn_out", 10)):
        if f"blocks.0.hook_{site}" not in subject.bridge.hook_dict:
            continue
        for pair in range(len(subject.clean)):
            row = Subject(subject.name, subject.path, subject.bridge, *(value[pair:pair + 1] for value in (subject.clean, subject.corrupted, subject.target, subject.distractor)))
            one = single(metrics(row, -1)["probability"], row)
            values, clean, corrupted = trace(subject, pair, site, window, positions, disturbed, one)
            cases.add("causal tracing by hooks", dict(kind="causal-tracing", metric="probability", sites=[site], window=window, sigma=sigma, samples=samples, seed=seed),
                      ["layer", "position"], values[..., None], clean, corrupted, pair=pair, positions=positions)


def single(metric, row: Subject):
    """The metric of one pair for any number of rows of logits."""
    return lambda logits: torch.cat([metric(one[None]) for one in logits])


def paths(cases: Cases) -> None:
    from transformer_lens.patching import get_act_patch_direct_path
    subject, bridge, measure = cases.subject, cases.subject.bridge, metrics(cases.subject, -1)["logit-difference"]
    clean, corrupted = (measure(bridge(ids)) for ids in (subject.clean, subject.corrupted))
    heads, last = heads_of(subject), bridge.cfg.n_layers - 1
    kv = getattr(bridge.cfg, "n_key_value_heads", None) or bridge.cfg.n_heads
    sets = [[f"L{last}H1.{part}"] for part in "qkv"] + [["logits"], [f"L{last}H{head}.q" for head in range(bridge.cfg.n_heads)],
                                                       [f"L{last}H0.q", f"L{last}H{kv - 1}.k", f"L{last}H0.v"]]
    for direction in ("denoise", "noise"):
        source, base = (subject.clean, subject.corrupted) if direction == "denoise" else (subject.corrupted, subject.clean)
        for receivers in sets:
            values = torch.stack([path_patch(subject, source, base, sender, receivers, measure) for sender in heads]).view(last + 1, -1, len(clean))
            cases.add("path patching by hooks", dict(kind="path-patching", direction=direction, senders=[], receivers=receivers), ["layer", "head"], values, clean, corrupted)
        if "blocks.0.hook_mlp_out" in bridge.hook_dict:
            for receivers in ([f"L{last}H1.q"], ["logits"]):
                values = torch.stack([path_patch(subject, source, base, (layer, None), receivers, measure) for layer in range(last)])
                cases.add("path patching by hooks", dict(kind="path-patching", direction=direction, senders=[f"L{layer}.mlp_out" for layer in range(last)], receivers=receivers),
                          ["sender"], values, clean, corrupted)
    # The same by TransformerLens's own function, where it has one: a head to one query, key or value; not into shared keys.
    _, given = bridge.run_with_cache(subject.clean[:1])
    _, own = bridge.run_with_cache(subject.corrupted[:1])
    one = Subject(subject.name, subject.path, bridge, *(value[:1] for value in (subject.clean, subject.corrupted, subject.target, subject.distractor)))
    measure_one = metrics(one, -1)["logit-difference"]
    for part in "qkv" if kv == bridge.cfg.n_heads else "q":
        try:
            rows = [get_act_patch_direct_path(bridge, subject.corrupted[:1], given, own, lambda logits: measure_one(logits)[0], layer, head, part, verbose=False)[last, 1] for layer, head in heads if layer < last]
        except (NotImplementedError, ValueError) as error:
            print(f"{subject.name}: get_act_patch_direct_path into {part}: {error}")
            continue
        hooks = torch.cat([path_patch(one, one.clean, one.corrupted, sender, [f"L{last}H1.{part}"], measure_one) for sender in heads if sender[0] < last])
        difference = (torch.stack(rows) - hooks).abs().max().item()
        print(f"{subject.name}: get_act_patch_direct_path into {part} and the hooks differ by at most {difference:.1e}")
        assert difference < 1e-5


def steering(cases: Cases) -> None:
    subject, measure = cases.subject, metrics(cases.subject, -1)["logit-difference"]
    direction = torch.randn(subject.bridge.cfg.d_model, generator=torch.Generator().manual_seed(5))
    file = f"direction-{subject.name}.npy"
    numpy.save(OUT / file, direction.numpy())
    scales = [-2.0, 0.0, 1.0, 4.0]
    for address in ("blocks.0.hook_resid_post", "blocks.1.hook_attn_out"):
        cases.add("steering by hooks", dict(kind="steering", address=address, direction=file, scales=scales), ["scale"],
                  steer(subject, address, direction, scales, measure), measure(subject.bridge(subject.clean)))


def steering_from_prompts(cases: Cases) -> None:
    """The direction is the mean over pairs of what the prompts differ by, at a position or on average over all."""
    subject, measure = cases.subject, metrics(cases.subject, -1)["logit-difference"]
    scales = [-1.0, 0.5, 3.0]
    for address, origin, position in (("blocks.0.hook_resid_post", "clean - corrupted", -1), ("blocks.1.hook_attn_out", "corrupted - clean", 2), ("blocks.1.hook_resid_pre", "corrupted - clean", "mean")):
        clean, corrupted = (subject.bridge.run_with_cache(ids)[1][address] for ids in (subject.clean, subject.corrupted))
        differences = clean - corrupted if origin == "clean - corrupted" else corrupted - clean
        direction = (differences.mean(1) if position == "mean" else differences[:, position]).mean(0)
        cases.add("steering by hooks", dict(kind="steering", address=address, direction={"from": origin, "position": position}, scales=scales), ["scale"],
                  steer(subject, address, direction, scales, measure), measure(subject.bridge(subject.clean)))


def recomputed_mlps(cases: Cases) -> None:
    """Paths through the residual stream and MLPs, as Wang et al. 2022 have them."""
    subject, bridge, measure = cases.subject, cases.subject.bridge, metrics(cases.subject, -1)["logit-difference"]
    if "blocks.0.hook_mlp_out" not in bridge.hook_dict:
        return
    clean, corrupted = (measure(bridge(ids)) for ids in (subject.clean, subject.corrupted))
    last = bridge.cfg.n_layers - 1
    for receivers in ([f"L{last}H1.q"], ["logits"], [f"L{last}H0.v", "logits"]):
        say = dict(kind="path-patching", direction="denoise", receivers=receivers, mlps="recomputed")
        heads = [path_patch(subject, subject.clean, subject.corrupted, sender, receivers, measure, recomputed=True) for sender in heads_of(subject)]
        cases.add("path patching by hooks", say | dict(senders=[]), ["layer", "head"], torch.stack(heads).view(last + 1, -1, len(clean)), clean, corrupted)
        mlps = [path_patch(subject, subject.clean, subject.corrupted, (layer, None), receivers, measure, recomputed=True) for layer in range(last)]
        cases.add("path patching by hooks", say | dict(senders=[f"L{layer}.mlp_out" for layer in range(last)]), ["sender"], torch.stack(mlps), clean, corrupted)


def both_ends(cases: Cases) -> None:
    """Paths to heads and to the logits at once."""
    subject, bridge, measure = cases.subject, cases.subject.bridge, metrics(cases.subject, -1)["logit-difference"]
    clean, corrupted = (measure(bridge(ids)) for ids in (subject.clean, subject.corrupted))
    last = bridge.cfg.n_layers - 1
    receivers = [f"L{last - 1}H1.q", f"L{last}H0.v", "logits"]
    for direction in ("denoise", "noise"):
        source, base = (subject.clean, subject.corrupted) if direction == "denoise" else (subject.corrupted, subject.clean)
        values = torch.stack([path_patch(subject, source, base, sender, receivers, measure) for sender in heads_of(subject)]).view(last + 1, -1, len(clean))
        cases.add("path patching by hooks", dict(kind="path-patching", direction=direction, senders=[], receivers=receivers), ["layer", "head"], values, clean, corrupted)


def main() -> None:
    torch.set_grad_enabled(False)
    OUT.mkdir(exist_ok=True)
    all_cases, asked = [], {}
    for subject in subjects():
        cases = Cases(subject)
        for part in (patching, ablation, tracing, paths, steering, both_ends, steering_from_prompts, recomputed_mlps):
            part(cases)
        save_file(cases.tensors, OUT / f"{subject.name}.safetensors")
        all_cases += cases.list
        asked[subject.name] = dict(model=subject.path, pairs=cases.pairs())
    versions = {name: importlib.metadata.version(name) for name in ("transformer-lens", "torch", "transformers")}
    listed = ",\n  ".join(json.dumps(case) for case in all_cases)
    (OUT / "goldens.json").write_text(f'{{\n "versions": {json.dumps(versions)},\n "subjects": {json.dumps(asked)},\n "cases": [\n  {listed}\n ]\n}}\n')
    print(f"{len(all_cases)} cases, {sum(path.stat().st_size for path in OUT.iterdir()) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
