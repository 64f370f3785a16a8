/** The selected state: its ten tokens, how the chosen one stands, and what the layer added. */
import { percent, significant } from '../../../src/shared/format.ts';
import { h } from '../../lib/dom.ts';
import { predictionRow } from '../../lib/predictions/row.ts';
import { tokenAt } from '../../lib/tokens/tokenWords.ts';
import { plainToken } from '../../../src/shared/visible.ts';
import { stateName, topToken } from '../model/read.ts';
import type { State } from '../model/state.ts';
import type { View } from './panel.ts';

export function cellView(): View {
  const title = h('h2', { class: 'section-head' });
  const list = h('ol', { class: 'cell-top' });
  const facts = h('dl', { class: 'cell-facts' });
  const element = h('section', { class: 'cell', 'aria-label': 'Selected state' }, title, list, facts);
  return {
    element,
    update: (state, previous) => {
      const frame = state.run?.frame;
      element.hidden = !frame || !state.cell;
      if (!frame || !state.cell || (previous && previous.run === state.run && previous.cell === state.cell)) return;
      const { state: at, column } = state.cell;
      const row = state.run?.rows.get(at);
      const position = frame.positions[column] ?? 0;
      title.textContent = `${stateName(frame.states[at]?.address ?? '')} · after ${tokenAt(frame.tokens, position)}`;
      list.replaceChildren(...(row && !Number.isNaN(row.entropy[column]) ? Array.from({ length: frame.top }, (_one, rank) => predictionRow({
        id: row.ids[column * frame.top + rank] ?? 0, text: topToken(row, column, frame.top, rank),
        logit: row.logits[column * frame.top + rank] ?? NaN, probability: row.probabilities[column * frame.top + rank] ?? NaN,
      }, position)) : [h('li', { class: 'muted' }, row ? 'The logits hold NaN.' : 'Not come yet.')]));
      facts.replaceChildren(...factsOf(state).map(([name, value]) => h('div', {}, h('dt', { class: 'muted' }, name), h('dd', { class: 'number' }, value))));
    },
  };
}

function factsOf({ run, cell }: State): readonly (readonly [string, string])[] {
  const frame = run?.frame;
  const row = cell && run?.rows.get(cell.state);
  if (!frame || !row) return [];
  const { column } = cell;
  const layer = frame.states[cell.state]?.layer ?? 0;
  const added = run.added.get(layer);
  const standings = ([['target', frame.target], ['distractor', frame.distractor]] as const).flatMap(([which, token]) => {
    const standing = row[which];
    return token && standing ? [[plainToken(token.text), `${percent(standing.probability[column] ?? NaN)}, rank ${standing.rank[column]}, logit ${significant(standing.logit[column] ?? NaN)}`] as const] : [];
  });
  const parts = ([['attention', 'Attention'], ['cross', 'Cross attention'], ['mlp', 'MLP']] as const).flatMap(([part, name]) => {
    const norm = added?.[part]?.[column];
    return norm === undefined ? [] : [[`${name} of layer ${layer} adds, norm`, significant(norm)] as const];
  });
  return [...standings, ['Entropy, nats', significant(row.entropy[column] ?? NaN)], ['Norm of the state', significant(row.norm[column] ?? NaN)], ...parts];
}
