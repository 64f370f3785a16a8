/** A tower drawn: the residual stream from top to bottom, and on it each layer's heads and MLP. */
import { headAddress, towerNames } from '../../../src/shared/addresses.ts';
import type { AttentionKind } from '../../../src/shared/addresses.ts';
import type { LayerSummary, Refusal, SourceLine, TowerSummary } from '../../../src/shared/summary.ts';
import { contextOf } from '../../lib/context.ts';
import type { Child } from '../../lib/dom.ts';
import { h } from '../../lib/dom.ts';
import { count } from '../../../src/shared/format.ts';
import { isRefused } from '../../lib/refusals.ts';
import { rove } from '../../lib/rove.ts';
import type { Actions, Folds } from '../actions.ts';
import { mlpWords, positionWords, sourceTitle, sourceWords, UNKNOWN } from '../model/words.ts';
import { expander } from './section.ts';

export function layerGrid(tower: TowerSummary, refused: readonly Refusal[], actions: Actions, folds: Folds): HTMLElement {
  const widest = Math.max(1, ...tower.blocks.map((block) => block.mlp?.neurons ?? 0));
  const grid = h('div', { class: 'layers', role: 'grid', 'aria-label': 'Layers with their heads and MLPs', 'aria-colcount': 4 },
    h('div', { class: 'layer layer-titles', role: 'row' },
      ['Layer', 'Attention heads', 'MLP', 'Python source'].map((title) => h('div', { role: 'columnheader' }, title))),
    end('embed', embedWords(tower)),
    tower.blocks.map((block) => layer(tower, block, { widest, refused }, actions, folds)),
    tower.vocab !== null && tower.hasLogits && end('unembed', [`${width(tower)} → ${count(tower.vocab)} tokens`]));
  grid.addEventListener('keydown', (event) => {
    const address = event.target instanceof HTMLElement ? event.target.dataset['address'] : undefined;
    if (address === undefined || event.key !== 'c' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    actions.copy(address);
  });
  rove(grid);
  return grid;
}

const width = (tower: TowerSummary): string => (tower.dModel === null ? '?' : count(tower.dModel));

function embedWords(tower: TowerSummary): readonly Child[] {
  const from = tower.vocab === null ? '' : `${count(tower.vocab)} tokens → `;
  const positions = tower.positions === 'none' ? '' : `, ${positionWords[tower.positions]} positions`;
  return [`${from}${width(tower)}${positions}`];
}

/** Where the stream begins and where it ends. */
const end = (name: string, words: readonly Child[]): HTMLElement =>
  h('div', { class: 'layer layer-end', role: 'row' },
    h('div', { class: 'layer-name', role: 'rowheader' }, name),
    h('div', { class: 'layer-words', role: 'gridcell', 'aria-colspan': 3 }, ...words));

interface Whole {
  /** Neurons of the widest MLP. */
  readonly widest: number;
  readonly refused: readonly Refusal[];
}

function layer(tower: TowerSummary, block: LayerSummary, whole: Whole, actions: Actions, folds: Folds): HTMLElement {
  const name = `L${block.index}`;
  const lines = h('div', { class: 'layer-lines', role: 'group', 'aria-label': `Lines of the exporter’s record in ${name}` },
    block.source.map((source) => h('div', { class: 'layer-line' }, sourceLink(source, actions), h('code', {}, source.code))));
  return h('div', { class: 'layer', role: 'row', 'data-rove-row': true },
    h('div', { class: 'layer-name', role: 'rowheader' },
      block.source.length === 0 ? name : expander(folds, `${tower.name}.${name}`, lines, { 'data-rove': '', title: 'Lines of Python that made this layer' }, name)),
    h('div', { class: 'layer-heads', role: 'gridcell' }, ...heads(tower, block, 'self', whole, actions), ...(block.cross ? [h('span', { class: 'muted layer-cross' }, `to ${towerNames[tower.attendsTo ?? ''] ?? tower.attendsTo ?? 'another stream'}`), ...heads(tower, block, 'cross', whole, actions)] : [])),
    h('div', { class: 'layer-mlp', role: 'gridcell' }, mlp(tower, block, whole)),
    h('div', { class: 'layer-source', role: 'gridcell' }, ...halves(block).map((source) => sourceLink(source, actions))),
    block.source.length > 0 && h('div', { class: 'layer-more', role: 'gridcell' }, lines));
}

function heads(tower: TowerSummary, block: LayerSummary, kind: AttentionKind, { refused }: Whole, actions: Actions): readonly Child[] {
  const attention = kind === 'cross' ? block.cross : block.attention;
  if (!attention) return [h('span', { class: 'muted' }, isRefused(refused, 'Attention', tower.name, block.index) ? 'attention not shown' : 'no attention')];
  const { heads: total, kvHeads } = attention;
  if (total === null) return [h('span', { class: 'muted' }, `heads ${UNKNOWN}`)];
  const shared = kvHeads !== null && kvHeads > 0 && kvHeads < total ? total / kvHeads : 1;
  const cells = Array.from({ length: total }, (_, head) => {
    const address = headAddress(tower.name, block.index, head, kind);
    const sharing = shared > 1 ? `, keys and values of group ${Math.floor(head / shared)}` : '';
    return h('button', {
      class: 'head', 'data-rove': true, 'data-address': address, 'aria-label': `${kind === 'cross' ? 'Cross attention head' : 'Head'} ${head} of layer ${block.index}, ${address}${sharing}`, title: `${address}${sharing}: open its attention`,
      'data-vscode-context': contextOf('head', address), onclick: () => actions.openAttention(address),
    }, head);
  });
  if (shared === 1) return [h('div', { class: 'head-group' }, ...cells)];
  // Heads that share keys and values stand together.
  return Array.from({ length: Math.ceil(total / shared) }, (_, group) => h('div', { class: 'head-group' }, ...cells.slice(group * shared, (group + 1) * shared)));
}

function mlp(tower: TowerSummary, block: LayerSummary, { widest, refused }: Whole): Child {
  if (!block.mlp) return h('span', { class: 'muted' }, isRefused(refused, 'The MLP', tower.name, block.index) ? 'MLP not shown' : 'no MLP');
  const address = `${tower.name === '' ? '' : `${tower.name}.`}blocks.${block.index}.mlp.hook_post`;
  const words = mlpWords(block.mlp);
  const bar = h('span', { class: 'mlp-bar' });
  bar.style.width = `${((block.mlp.neurons ?? widest) / widest) * 100}%`;
  return h('span', {
    class: 'mlp', tabindex: -1, 'data-rove': true, 'data-address': address, title: `${words} neurons, ${address}`, 'data-vscode-context': contextOf('address', address),
  }, bar, h('span', { class: 'mlp-words' }, words));
}

/** The lines of the two halves; one where both come from the same. */
function halves({ attentionSource, crossSource, mlpSource }: LayerSummary): readonly SourceLine[] {
  const found = [attentionSource, crossSource, mlpSource].filter((source) => source !== null);
  return found.filter((source, index) => found.findIndex((other) => other.file === source.file && other.line === source.line) === index);
}

const sourceLink = (source: SourceLine, actions: Actions): HTMLElement =>
  h('button', { class: 'link mono source', 'data-rove': true, title: sourceTitle(source), onclick: () => actions.openSource(source) }, sourceWords(source));
