"""Makes test/fixtures/lens: states read as tokens and logits taken apart by TransformerLens, on the weights of committed models.

    .venv-patching/bin/python training/lens/make_goldens.py      (the environment of training/patching)

Weights are raw: nothing is folded or centred. SUBJECT.safetensors has, for the prompt of goldens.json,
- `lens` [states, positions, vocab]: logits of `accumulated_resid` through the model's own final norm and unembedding, with the states between halves where there are any;
- `parts` [parts, positions] of `decompose_resid` and `heads` [heads, positions] of `stack_head_results`, each centred as the norm centres, divided by the norm's cached scale,
  multiplied by its gain and by W_U[target] - W_U[distractor]; `parts.target` and `heads.target` the same for the target alone;
- `bias` and `bias.target`: what the final norm's and the unembedding's biases add;
- of attention: `scores` and `weighted` [layers, heads, dest, src], the norm of attention times value through W_O (Kobayashi et al. 2020); `outputs` [layers, heads, positions], norms of
  `stack_head_results`; `effect` [layers, heads, dest, src], what a position takes from another in units of the logit difference; `rollout` [layers, dest, src] (Abnar and Zuidema 2020);
- `writes` [layers, heads, vocab], what each head adds to every logit at the last position; `circuit` [layers, heads, vocab], the same for full attention to the embedding alone of the token at
  position 2, put through the layer's own norm.
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


SOURCE = 2


def scores_of(subject: Subject, cache, layer: int) -> torch.Tensor:
    """TransformerLens 4.3's own model has the pattern at `hook_attn_scores`: there, and without rotary positions, queries times keys."""
    if subject.name != "induction":
        return cache[f"blocks.{layer}.attn.hook_attn_scores"][0]
    q, k = (cache[f"blocks.{layer}.attn.hook_{part}"][0].unflatten(-1, (-1, subject.bridge.cfg.d_head)) if cache[f"blocks.{layer}.attn.hook_{part}"].ndim == 3
            else cache[f"blocks.{layer}.attn.hook_{part}"][0] for part in "qk")
    scores = torch.einsum("dhx,shx->hds", q, k) / subject.bridge.cfg.d_head ** 0.5
    masked = scores.masked_fill(torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1), float("-inf"))
    assert torch.allclose(masked.softmax(-1), cache[f"blocks.{layer}.attn.hook_pattern"][0], atol=1e-6)
    return scores


def of_attention(subject: Subject, ids: torch.Tensor, cache, attributed, w_u: torch.Tensor, target: int, distractor: int) -> dict[str, torch.Tensor]:
    bridge = subject.bridge
    layers, heads, length = range(bridge.cfg.n_layers), bridge.cfg.n_heads, ids.shape[1]

    def values(activation: torch.Tensor) -> torch.Tensor:
        """[pos, head, d_head], shared ones repeated."""
        own = activation[0].unflatten(-1, (-1, bridge.cfg.d_head)) if activation.ndim == 3 else activation[0]
        return own.repeat_interleave(heads // own.shape[1], 1)

    made: dict[str, list[torch.Tensor]] = {name: [] for name in ("scores", "weighted", "effect", "outputs", "writes", "circuit", "rollout")}
    rolled = torch.eye(length)
    results, _ = cache.stack_head_results(layer=-1, apply_ln=False, return_labels=True)
    results = results[:, 0].unflatten(0, (len(layers), heads))
    for layer in layers:
        pattern = cache[f"blocks.{layer}.attn.hook_pattern"][0]
        w_o = bridge.blocks[layer].attn.W_O
        # [src, head, d_model]
        moved = torch.einsum("shd,hdm->shm", values(cache[f"blocks.{layer}.attn.hook_v"]), w_o)
        taken = pattern[..., None] * moved.transpose(0, 1)[:, None]
        made["scores"].append(scores_of(subject, cache, layer))
        made["weighted"].append(taken.norm(dim=-1))
        # Each position's own scale: the positions' axis must be the last but one.
        along = attributed(taken.permute(0, 2, 1, 3)[:, :, None].flatten(0, 1), w_u[:, target] - w_u[:, distractor])
        made["effect"].append(along.unflatten(0, (heads, length)).transpose(1, 2))
        made["outputs"].append(results[layer].norm(dim=-1))
        made["writes"].append(torch.stack([attributed(results[layer][head][None, None], w_u)[0, -1] for head in range(heads)]))
        embedding = cache["hook_embed"]
        with bridge.hooks(fwd_hooks=[(f"blocks.{layer}.hook_resid_pre", lambda activation, hook: embedding)]):
            _, alone = bridge.run_with_cache(ids)
        circuit = torch.einsum("hd,hdm->hm", values(alone[f"blocks.{layer}.attn.hook_v"])[SOURCE], w_o)
        made["circuit"].append(torch.stack([attributed(circuit[head].expand(1, 1, length, -1), w_u)[0, -1] for head in range(heads)]))
        rolled = (0.5 * pattern.mean(0) + 0.5 * torch.eye(length)) @ rolled
        made["rollout"].append(rolled)
    return {name: torch.stack(parts).contiguous() for name, parts in made.items()}


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
        tensors |= of_attention(subject, ids, cache, attributed, w_u, target, distractor)
        save_file(tensors, OUT / f"{subject.name}.safetensors")
        listed[subject.name] = dict(model=subject.path, prompt=ids[0].tolist(), target=target, distractor=distractor, states=names, parts=part_names, heads=head_names)
    versions = {name: importlib.metadata.version(name) for name in ("transformer-lens", "torch", "transformers")}
    (OUT / "goldens.json").write_text(json.dumps(dict(versions=versions, subjects=listed), indent=1) + "\n")


if __name__ == "__main__":
    main()
