/** A logit, or the difference of two, as the sum of what the model's parts write (direct logit attribution). */
import type { TokenSource } from '../../experiment/experiment.ts';
import { given, tokenId, tokensOf } from '../code.ts';
import type { Frame } from '../code.ts';
import { SCALE, TO_LOGITS } from './moved.ts';

export const attributionFunctions = (frame: Frame, target: TokenSource, distractor: TokenSource | null): readonly string[] => [TO_LOGITS, attribution(frame, target, distractor)];

function attribution(frame: Frame, target: TokenSource, distractor: TokenSource | null): string {
  const id = tokenId(target, 'TARGET');
  const less = distractor === null ? null : tokenId(distractor, 'DISTRACTOR');
  const of = (values: string): string => (less === null ? `${values}[..., target]` : `${values}[..., target] - ${values}[..., distractor]`);
  return `def attribution(${given(frame)}):
    """By address, what each part adds to the ${less === null ? 'logit' : 'difference of the logits'} with the final norm's scale as it is in this run; and the ${less === null ? 'logit' : 'difference'} itself: [len(POSITIONS)] each."""
    logits, cache = bridge.run_with_cache(${tokensOf(frame)})
    target${less === null ? '' : ', distractor'} = ${id}${less === null ? '' : `, ${less}`}
    direction = ${of('bridge.W_U')}
    adds = lambda written: (to_logits(bridge, written[0], direction) / ${SCALE})[POSITIONS]
    parts = {"hook_embed": adds(cache["hook_embed"])}
    if "hook_pos_embed" in cache:
        parts["hook_pos_embed"] = adds(cache["hook_pos_embed"])
    for layer, heads in enumerate(cache.stack_head_results(layer=-1).unflatten(0, (-1, bridge.cfg.n_heads))):
        out = cache[f"blocks.{layer}.hook_attn_out"]
        # Beside its heads attention adds its bias, the same everywhere. Where it adds something else, a norm say, its heads are no summands.
        bias = out - heads.sum(0)
        if (bias - bias[:, :1]).abs().max() < 1e-4 * out.abs().max():
            parts |= {f"L{layer}H{head}": adds(written) for head, written in enumerate(heads)} | {f"blocks.{layer}.attn.b_O": adds(bias)}
        else:
            parts[f"blocks.{layer}.hook_attn_out"] = adds(out)
        if not bridge.cfg.attn_only:
            parts[f"blocks.{layer}.hook_mlp_out"] = adds(cache[f"blocks.{layer}.hook_mlp_out"])
    # A state of zeros: the biases of norm and unembedding.
    bias = getattr(bridge.ln_final.original_component, "bias", None)
    zero = bridge.unembed((torch.zeros_like(cache["hook_embed"][0, 0]) if bias is None else bias)[None, None])[0, 0]
    parts["bias"] = (${of('zero')}).expand(len(POSITIONS))
    return parts, (${of('logits[0, POSITIONS]')})`;
}
