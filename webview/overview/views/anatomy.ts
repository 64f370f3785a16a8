import { towerNames } from '../../../src/shared/addresses.ts';
import type { Figure, ModelSummary, Refusal, TowerSummary } from '../../../src/shared/summary.ts';
import { h } from '../../lib/dom.ts';
import { capitalised, count } from '../../../src/shared/format.ts';
import type { Actions, Folds } from '../actions.ts';
import { hasRefusedMlp, towerTitle } from '../model/sentence.ts';
import { normWords, positionWords, UNKNOWN } from '../model/words.ts';
import { convolutionTable } from './convolutions.ts';
import { figureList } from './figures.ts';
import type { FigureEntry } from './figures.ts';
import { layerGrid } from './layers.ts';

export function anatomy({ towers, refused }: ModelSummary, actions: Actions, folds: Folds): readonly HTMLElement[] {
  if (towers.length === 0) {
    return [h('p', { class: 'prose' }, 'No attention layers or MLPs were recognised in this graph. What stood in the way is under Refused; everything else about the file is shown.')];
  }
  return towers.map((tower) => h('div', { class: 'tower' },
    towers.length > 1 && h('h3', { class: 'tower-title' }, capitalised(towerTitle(tower)), h('span', { class: 'muted mono' }, ` ${tower.name}.`)),
    ...(tower.kind === 'cnn' ? [convolutionTable(tower)] : [figureList('Figures of the anatomy', figures(tower, refused)), layerGrid(tower, refused, actions, folds)])));
}

const figure = (value: Figure): string => (value === null ? UNKNOWN : count(value));

function figures(tower: TowerSummary, refused: readonly Refusal[]): readonly FigureEntry[] {
  const hasMlp = tower.blocks.some((block) => block.mlp !== null);
  const hasAttention = tower.blocks.some((block) => block.attention !== null);
  const attention: readonly FigureEntry[] = hasAttention ? [
    { term: 'Heads', about: 'Attention heads of a layer', value: figure(tower.heads) },
    { term: 'KV heads', about: 'Heads of keys and values; fewer than heads where several heads share them', value: figure(tower.kvHeads) },
    { term: 'd_head', about: 'Width of a head’s queries, keys and values', value: figure(tower.dHead) },
  ] : [];
  return [
    { term: 'Layers', value: count(tower.layers) },
    ...attention,
    { term: 'd_model', about: 'Width of the residual stream', value: figure(tower.dModel) },
    { term: 'd_mlp', about: 'Neurons of an MLP', value: hasMlp ? figure(tower.dMlp) : hasRefusedMlp(tower, refused) ? 'not shown' : 'no MLP' },
    ...(tower.takesIds || tower.vocab !== null ? [{ term: 'Vocabulary', about: 'Tokens that the model can be given', value: figure(tower.vocab) }] : []),
    { term: 'Context', about: tower.takesIds ? 'Longest prompt, in tokens' : 'Most positions that it takes', value: figure(tower.context) },
    { term: 'Norm', about: 'Where a layer normalises the residual stream', value: normWords[tower.norm] },
    { term: 'Positions', about: 'How the model knows where a token stands', value: positionWords[tower.positions] },
    ...(tower.attendsTo === null ? [] : [{ term: 'Cross attention', about: 'What every layer attends to besides its own tokens', value: `to ${towerNames[tower.attendsTo] ?? tower.attendsTo}` }]),
    { term: 'Causal', about: 'Whether a token attends only to itself and to what stands before it', value: tower.causal ? 'yes' : 'no' },
  ];
}
