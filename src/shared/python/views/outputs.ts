/** What all heads write at a position: how long it is, and what it adds to a token's logit. */
import { given, tokenId, tokensOf } from '../code.ts';
import type { Frame, ViewCode } from '../code.ts';
import { py } from '../python.ts';
import type { ViewOf } from '../view.ts';
import { SCALE, TO_LOGITS } from './moved.ts';

export function outputsCode(frame: Frame, { position, target }: ViewOf<'outputs'>): ViewCode {
  const numbers = target === null ? 'norms' : 'norms, effects';
  return {
    about: target === null ? 'The norm of what every head writes at one position' : 'The norm of what every head writes at one position, and what that adds to a token’s logit',
    part: {
      imports: [],
      constants: ['# Where they write; negative counts from the end.', `POSITION = ${position}`, ...(target === null ? [] : ['# Whose logit it is.', `TARGET = ${py(target)}`])],
      functions: [...(target === null ? [] : [TO_LOGITS]), `def outputs(${given(frame)}):
    """${target === null ? 'Norms' : 'Norms, and effects with the final norm\'s scale as it is in this run'}: [layers, heads]${target === null ? '' : ' each'}."""
    _, cache = bridge.run_with_cache(${tokensOf(frame)})
    written = cache.stack_head_results(layer=-1)[:, 0, POSITION].unflatten(0, (-1, bridge.cfg.n_heads))
    norms = written.norm(dim=-1)
${target === null ? '    return (norms,)' : `    effects = to_logits(bridge, written, bridge.W_U[:, ${tokenId(target, 'TARGET')}]) / ${SCALE}[POSITION]
    return norms, effects`}`, `def report(${given(frame)}):
    found = outputs(${given(frame)})
    order = found[-1].flatten().abs().argsort(descending=True).tolist()
    print(f"{'head':8}${numbers.split(', ').map((name) => `{'${name.slice(0, -1)}':>12}`).join('')}")
    for layer, head in (divmod(at, bridge.cfg.n_heads) for at in order):
        print(f"{f'L{layer}H{head}':8}" + "".join(f"{numbers[layer, head].item():12.4f}" for numbers in found))`],
    },
  };
}
