/** A head's patterns of two prompts, and how they differ. */
import { given, headConstant, matrixReport, promptLiteral, wordsOf } from '../code.ts';
import type { Frame, ViewCode } from '../code.ts';
import type { ViewOf } from '../view.ts';

const place = (at: number | undefined): string => (at === undefined || at < 0 ? 'None' : String(at));

export function differenceCode(frame: Frame, { second, columns }: ViewOf<'difference'>): ViewCode {
  const words = `[f"{first[a]}" if a is not None else f"+{second[b]}" for a, b in COLUMNS]`;
  return {
    about: 'One head’s attention patterns of two prompts, the second less the first on aligned tokens',
    part: {
      imports: ['math'],
      constants: [
        headConstant(frame), `SECOND = ${promptLiteral(second)}`,
        '# The aligned tokens: their places in the first prompt and in the second, None where that has none.', `COLUMNS = [${columns.map(([a, b]) => `(${place(a)}, ${place(b)})`).join(', ')}]`,
      ],
      functions: [`def pattern(${given(frame)}, prompt):
    """[destination, source]"""
    name = f"blocks.{LAYER}.attn.hook_pattern"
    _, cache = bridge.run_with_cache(tokens(${given(frame)}, prompt), names_filter=name)
    return cache[name][0, HEAD]`, `def difference(${given(frame)}):
    """The second prompt's pattern less the first's, [destination, source] on COLUMNS: NaN where one of them has no such cell."""
    both = [at for at, pair in enumerate(COLUMNS) if None not in pair]
    first, second = (torch.tensor([COLUMNS[at][side] for at in both]) for side in (0, 1))
    found = torch.full((len(COLUMNS), len(COLUMNS)), math.nan)
    at = torch.tensor(both)
    found[at[:, None], at] = (pattern(${given(frame)}, SECOND)[second[:, None], second] - pattern(${given(frame)}, PROMPT)[first[:, None], first]).cpu()
    return found`, matrixReport(frame, {
        values: `difference(${given(frame)})\n    first, second = ${wordsOf(frame)}, ${wordsOf(frame, 'SECOND')}`, words, strongest: 'row.nan_to_num().abs().argmax()',
      })],
    },
  };
}
