/** Lines under the toolbar: what the engine, the file, trust or the index have to say. Each with at most one thing to do. */
import { sentence } from '../../../src/shared/errors.ts';
import { count, percent } from '../../../src/shared/format.ts';
import { modelNotices, noticeArea } from '../../lib/modelNotices.ts';
import { errorNotice, noticeLine } from '../../lib/notice.ts';
import { layerOf, neuronsOf } from '../model/neurons.ts';
import type { State } from '../model/state.ts';
import type { Panel, View } from './panel.ts';

export function noticesView(panel: Panel): View {
  const area = noticeArea();
  return { element: area.element, update: (state) => area.show([...modelNotices(state.model, { command: panel.command, runsAgain: false }), ...indexNotices(panel, state), ...neuronNotices(state)]) };
}

function indexNotices({ makeIndex }: Panel, { index }: State): readonly HTMLElement[] {
  if (index.kind === 'failed') return index.error.code === 'engine-died' ? [] : [errorNotice(index.error)];
  if (index.kind !== 'there') return [];
  const standing = index.value;
  const again = { label: 'Index again…', run: makeIndex };
  switch (standing.kind) {
    case 'none':
      return [];
    case 'usable': {
      if (standing.finished) return [];
      const share = standing.expected > 0 ? `, about ${percent(standing.tokens / standing.expected)} of the texts` : '';
      return [noticeLine({ kind: 'info', text: `The index is not finished: ${count(standing.tokens)} tokens are in it${share}.`, action: { label: 'Go on…', run: makeIndex } })];
    }
    case 'another':
      return [noticeLine({ kind: 'warning', text: `${standing.reason}. Nothing is shown from it.`, action: again })];
    case 'refused':
      return [noticeLine({ kind: 'error', text: sentence(standing.error), detail: standing.error.detail, action: standing.rebuild ? again : undefined })];
    default:
      return standing satisfies never;
  }
}

function neuronNotices({ model, address, figures }: State): readonly HTMLElement[] {
  if (figures.kind === 'failed') return figures.error.code === 'engine-died' ? [] : [errorNotice(figures.error)];
  if (model?.state.kind !== 'open' || address === null || layerOf(neuronsOf(model), address)) return [];
  return [noticeLine({ kind: 'info', text: `${address} is no neuron of this model.` })];
}
