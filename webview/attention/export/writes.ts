/** The tokens that an opened head raises and lowers most: a line each, or a drawing with bars. */
import type { HeadWrites } from '../../../src/shared/protocol/attentionApi.ts';
import { fixed } from '../../../src/shared/format.ts';
import { visibleText } from '../../../src/shared/visible.ts';
import { barColours } from '../../lib/color/diverging.ts';
import type { Ink } from '../../lib/color/ink.ts';
import { csvField, decimal, END } from '../../lib/export/csv.ts';
import { tableSvg } from '../../lib/export/table.ts';
import { tokenAt } from '../../lib/tokens/tokenWords.ts';
import { addressOf } from '../model/heads.ts';
import { positionOf, runTokens, sourceTokens } from '../model/read.ts';
import type { State } from '../model/state.ts';

/** From the most raised to the most lowered. */
const effectsOf = ({ top, bottom }: HeadWrites): HeadWrites['top'] => [...top, ...[...bottom].reverse()];

export function writesCsv(state: State, writes: HeadWrites): string {
  const { head, writing, source } = state;
  const of = [head ? addressOf(head) : '', positionOf(state), writing, writing === 'run' ? '' : source];
  return ['address,position,reads,source,id,token,logit', ...effectsOf(writes).map(({ id, text, effect }) => [...of, id, csvField(text), decimal(effect)].join(','))].join(END) + END;
}

export function writesSvg(state: State, writes: HeadWrites, { palette, diverging }: Ink): string {
  const { head, writing, source, model } = state;
  const effects = effectsOf(writes);
  const most = Math.max(...effects.map(({ effect }) => Math.abs(effect)), Number.MIN_VALUE);
  const of = writing === 'run' ? '' : ` of ${writing === 'state' ? '' : 'the embedding of '}${tokenAt(sourceTokens(state), source)} alone`;
  const title = `What ${head ? addressOf(head) : ''} ${writing === 'run' ? 'writes' : 'would write'} at ${tokenAt(runTokens(state), positionOf(state))}${of}`;
  return tableSvg({ title, note: `${model?.title ?? ''} · logits at the final norm’s scale in this run, raw weights`, palette }, {
    titles: ['token', 'logit'], colours: barColours(diverging), lines: effects.map(({ text, effect }) => ({ cells: [visibleText(text), fixed(effect, 3)], share: effect / most })),
  });
}
