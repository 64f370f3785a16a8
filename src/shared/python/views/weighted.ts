/** Value-weighted attention. */
import { given, headConstant, matrixReport, tokensOf } from '../code.ts';
import type { Frame, ViewCode } from '../code.ts';
import { MOVED } from './moved.ts';

export const weightedCode = (frame: Frame): ViewCode => ({
  about: 'The norm of what one head moves (Kobayashi et al. 2020, "Attention is Not Only a Weight")',
  part: {
    imports: [], constants: [headConstant(frame)],
    functions: [MOVED, `def weighted(${given(frame)}):
    """Weight times the norm of the value through W_O, [destination, source]."""
    names = [f"blocks.{LAYER}.attn.hook_{part}" for part in ("pattern", "v")]
    _, cache = bridge.run_with_cache(${tokensOf(frame)}, names_filter=names)
    return cache[names[0]][0, HEAD] * moved(bridge, cache).norm(dim=-1)`, matrixReport(frame, { values: `weighted(${given(frame)})`, strongest: 'row.argmax()' })],
  },
});
