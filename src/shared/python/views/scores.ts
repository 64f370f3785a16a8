/** A head's scores before the softmax. */
import { given, headConstant, matrixReport, tokensOf } from '../code.ts';
import type { Frame, ViewCode } from '../code.ts';

export const scoresCode = (frame: Frame): ViewCode => ({
  about: 'One head’s scores before the softmax',
  part: {
    imports: ['math'], constants: [headConstant(frame)],
    functions: [`def scores(${given(frame)}):
    """What enters the softmax, [destination, source]: minus infinity where attention may not look."""
    name = f"blocks.{LAYER}.attn.hook_attn_scores"
    _, cache = bridge.run_with_cache(${tokensOf(frame)}, names_filter=name)
    found = cache[name][0, HEAD]
    # Some models mask by the lowest number that there is.
    return found.masked_fill(found <= torch.finfo(found.dtype).min / 2, -math.inf)`, matrixReport(frame, { values: `scores(${given(frame)})`, strongest: 'row.argmax()' })],
  },
});
