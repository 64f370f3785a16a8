"""Makes test/fixtures/lens: states read as tokens and logits taken apart by TransformerLens, on the weights of committed models.

    .venv-patching/bin/python training/lens/make_goldens.py      (the environment of training/patching)

Weights are raw: nothing is folded or centred. SUBJECT.safetensors has, for the prompt of goldens.json,
- `lens` [states, positions, vocab]: logits of `accumulated_resid` through the model's own final norm and unembedding, with the states between halves where there are any;
- `parts` [parts, positions] of `decompose_resid` and `heads` [heads, positions] of `stack_head_results`, each centred as the norm centres, divided by the norm's cached scale,
  multiplied by its gain and by W_U[target] - W_U[distractor]; `parts.target` and `heads.target` the same for the target alone;
- `bias` and `bias.target`: what the final norm's and the unembedding's biases add.
"""
import importlib.metadata
import json
import pathlib
import sys

import torch
from safetensors.torch import save_file

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "patching"))
from models import Subject, subjects, TEST

OUT = TEST / "lens"


def final_norm(subject: Subject) -> tuple[torch.Tensor, torch.Tensor, bool]:
    """Gain, bias and whether the norm takes the mean away; ones and zeros where there is no norm."""
    bridge = subject.bridge
    width = bridge.cfg.d_model
    if subject.name == "induction":
        return torch.ones(width), torch.zeros(width), False
    own = bridge.ln_final.original_component
    return own.weight, getattr(own, "bias", None) if getattr(own, "bias", None) is not None else torch.zeros(width), subject.name == "gpt2"


def main() -> None:
    torch.set_grad_enabled(False)
    OUT.mkdir(exist_ok=True)
    listed = {}
    for subject in subjects():
        bridge = subject.bridge
        ids, target, distractor = subject.clean[:1], int(subject.target[0]), int(subject.distractor[0])
        logits, cache = bridge.run_with_cache(ids)
        states, names = cache.accumulated_resid(layer=None, incl_mid=not bridge.cfg.attn_only, apply_ln=False, return_labels=True)
        read = torch.stack([bridge.unembed(bridge.ln_final(state)) for state in states])[:, 0]
        assert torch.equal(read[-1], logits[0])
        gain, norm_bias, centred = final_norm(subject)
        scale = cache["ln_final.hook_scale"] if subject.name != "induction" else torch.ones(1)
        w_u = bridge.W_U
        # A state of zeros through norm and unembedding: the norm's bias, and the unembedding's own.
        zero = bridge.unembed(norm_bias[None, None])[0, 0]

        def attributed(parts: torch.Tensor, direction: torch.Tensor) -> torch.Tensor:
            centre = parts - parts.mean(-1, keepdim=True) if centred else parts
            return ((centre / scale * gain) @ direction)[:, 0]

        decomposed, part_names = cache.decompose_resid(layer=None, apply_ln=False, return_labels=True)
        heads, head_names = cache.stack_head_results(layer=-1, apply_ln=False, return_labels=True)
        tensors = {"lens": read.contiguous()}
        for suffix, direction, bias in [("", w_u[:, target] - w_u[:, distractor], zero[target] - zero[distractor]), (".target", w_u[:, target], zero[target])]:
            tensors |= {f"parts{suffix}": attributed(decomposed, direction).contiguous(), f"heads{suffix}": attributed(heads, direction).contiguous(), f"bias{suffix}": bias.reshape(1).clone()}
            own = logits[0, :, target] - (logits[0, :, distractor] if suffix == "" else 0)
            left = (own - tensors[f"parts{suffix}"].sum(0) - bias).abs().max().item()
            print(f"{subject.name}{suffix}: the parts add up to the logit within {left:.1e}")
            assert left < 5e-5
        save_file(tensors, OUT / f"{subject.name}.safetensors")
        listed[subject.name] = dict(model=subject.path, prompt=ids[0].tolist(), target=target, distractor=distractor, states=names, parts=part_names, heads=head_names)
    versions = {name: importlib.metadata.version(name) for name in ("transformer-lens", "torch", "transformers")}
    (OUT / "goldens.json").write_text(json.dumps(dict(versions=versions, subjects=listed), indent=1) + "\n")


if __name__ == "__main__":
    main()
