/** A head's pattern. */
import { given, headConstant, matrixReport, tokensOf } from '../code.ts';
import type { Frame, ViewCode } from '../code.ts';

export const patternCode = (frame: Frame): ViewCode => ({
  about: 'One head’s attention pattern',
  part: {
    imports: [], constants: [headConstant(frame)],
    functions: [`def pattern(${given(frame)}):
    """[destination, source]"""
    name = f"blocks.{LAYER}.attn.hook_pattern"
    _, cache = bridge.run_with_cache(${tokensOf(frame)}, names_filter=name)
    return cache[name][0, HEAD]`, matrixReport(frame, { values: `pattern(${given(frame)})`, strongest: 'row.argmax()' })],
  },
});
