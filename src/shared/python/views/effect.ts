/** What each source adds to a token's logit through a head. */
import { CogscopeError } from '../../errors.ts';
import { given, headConstant, matrixReport, tokenId, tokensOf } from '../code.ts';
import type { Frame, ViewCode } from '../code.ts';
import { py } from '../python.ts';
import type { ViewOf } from '../view.ts';
import { MOVED, SCALE, TO_LOGITS } from './moved.ts';

/** Throws 'usage' where no token is asked about. */
export function effectCode(frame: Frame, { target }: ViewOf<'effect'>): ViewCode {
  if (target === null) throw new CogscopeError('usage', 'No token is asked about', 'Type the token whose logit is looked at');
  return {
    about: 'What each source adds to a token’s logit through one head (Elhage et al. 2021)',
    part: {
      imports: [], constants: [headConstant(frame), '# Whose logit it is.', `TARGET = ${py(target)}`],
      functions: [MOVED, TO_LOGITS, `def effect(${given(frame)}):
    """In units of the logit, the final norm's scale as it is in this run: [destination, source]."""
    _, cache = bridge.run_with_cache(${tokensOf(frame)})
    pattern = cache[f"blocks.{LAYER}.attn.hook_pattern"][0, HEAD]
    effects = to_logits(bridge, moved(bridge, cache), bridge.W_U[:, ${tokenId(target, 'TARGET')}])
    return pattern * effects / ${SCALE}[:, None]`, matrixReport(frame, { values: `effect(${given(frame)})`, strongest: 'row.abs().argmax()' })],
    },
  };
}
