/** The prompts of an experiment: those of the first tower, and of each further one that has prompts of its own. */
import { towerNames } from '../../../src/shared/addresses.ts';
import type { TowerName } from '../../../src/shared/experiment/experiment.ts';
import { h } from '../../lib/dom.ts';
import { furtherNames } from '../model/further.ts';
import { furtherTowers, pairOf, subjectOf } from '../model/read.ts';
import type { State } from '../model/state.ts';
import type { Panel } from './panel.ts';
import { promptPairView } from './promptPair.ts';
import type { PromptPairSource, PromptPairView } from './promptPair.ts';

export function promptsView(panel: Panel): PromptPairView {
  const first = promptPairView(firstSource(panel));
  const views = [first, ...furtherNames.map((name) => promptPairView(furtherSource(panel, name)))];
  return {
    element: h('div', { class: 'towers' }, ...views.map(({ element }) => element)),
    selection: first.selection,
    update: (state, previous) => {
      for (const view of views) view.update(state, previous);
    },
  };
}

const firstSource = (panel: Panel): PromptPairSource => ({
  labels: { clean: 'Clean prompt', corrupted: 'Corrupted prompt' },
  fields: { clean: 'clean', corrupted: 'corrupted' },
  shown: () => true,
  text: (state, side) => pairOf(state)[side],
  placeholder: (state, side) => (pairOf(state).ids ? 'Token ids: 1, 2, 3' : side === 'clean' ? 'A prompt that the model answers right' : 'The same, but for what matters'),
  typed: ({ typed }) => typed,
  subject: subjectOf,
  nothing: 'Their tokens appear here, one below the other.',
  change: (side, text) => panel.dispatch({ kind: 'pair', change: { [side]: text } }),
});

function furtherSource(panel: Panel, name: TowerName): PromptPairSource {
  const tower = towerNames[name] ?? name;
  const promptOf = (state: State) => pairOf(state).further[name] ?? { ids: pairOf(state).ids, clean: '', corrupted: '' };
  return {
    labels: { clean: `Clean prompt of the ${tower}`, corrupted: `Corrupted prompt of the ${tower}` },
    fields: { clean: `${name}.clean`, corrupted: `${name}.corrupted` },
    shown: (state) => furtherTowers(state).includes(name),
    text: (state, side) => promptOf(state)[side],
    placeholder: (state, side) => {
      const empty = side === 'clean' ? 'its start token' : 'the same as the clean one';
      return promptOf(state).ids ? `Token ids; left empty, ${empty}` : `Left empty, ${empty}`;
    },
    typed: ({ typed }) => typed.further[name] ?? { clean: null, corrupted: null },
    subject: () => new Set(),
    nothing: '',
    change: (side, text) => {
      const state = panel.state();
      const before = promptOf(state);
      if (before[side] !== text) panel.dispatch({ kind: 'pair', change: { further: { ...pairOf(state).further, [name]: { ...before, [side]: text } } } });
    },
  };
}
