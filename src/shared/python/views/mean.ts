/** A head's mean pattern over a set of prompts. */
import { given, headConstant, promptLiteral } from '../code.ts';
import type { Frame, ViewCode } from '../code.ts';
import { lines } from '../python.ts';
import type { ViewOf } from '../view.ts';

export const meanCode = (frame: Frame, { prompts }: ViewOf<'mean'>): ViewCode => ({
  about: 'One head’s mean attention pattern over prompts of one length, position by position',
  part: {
    imports: [], constants: [headConstant(frame), lines('PROMPTS = [', prompts.map(promptLiteral), ']')],
    functions: [`def mean(${given(frame)}):
    """The mean and the standard deviation over the prompts, [destination, source] each."""
    name = f"blocks.{LAYER}.attn.hook_pattern"
    patterns = torch.stack([bridge.run_with_cache(tokens(${given(frame)}, prompt), names_filter=name)[1][name][0, HEAD] for prompt in PROMPTS])
    return patterns.mean(0), patterns.std(0)`, `def report(${given(frame)}):
    mean_, deviation = mean(${given(frame)})
    for destination, row in enumerate(mean_):
        source = int(row.argmax())
        print(f"{destination:4} attends most to {source:4} {row[source].item():.4f} ± {deviation[destination, source].item():.4f}")`],
  },
});
