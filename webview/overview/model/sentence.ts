/** What a model is, in one sentence of words and figures. */
import type { Figure, ModelSummary, Refusal, TowerSummary } from '../../../src/shared/summary.ts';
import { towerNames } from '../../../src/shared/addresses.ts';
import { capitalised, compact, count, counted, inWords } from '../../../src/shared/format.ts';
import { isRefused } from '../../lib/refusals.ts';

const kinds: Readonly<Record<TowerSummary['kind'], string>> = {
  decoder: 'decoder', encoder: 'encoder', vision: 'vision encoder', pool: 'pooling head', cnn: 'convolutional network',
};

/** How a tower is called where there are several. */
export const towerTitle = (tower: TowerSummary): string => towerNames[tower.name] ?? (tower.name === '' ? kinds[tower.kind] : tower.name);

export function modelSentence({ model, towers, refused }: ModelSummary): string {
  const rest = [`${compact(model.parameters)} ${model.parameters === 1 ? 'parameter' : 'parameters'}`, ...opsetWords(model.opset), ...(model.producer === '' ? [] : [`made by ${model.producer}`])].join(', ');
  if (towers.length === 0) return `A graph of ${counted(model.nodes, 'node')} in which no layers were recognised, ${rest}`;
  return `${capitalised(inWords(towers.map((tower) => towerWords(tower, refused, towers.length > 1))))}, ${rest}`;
}

/** Whether the MLPs that a tower seems to lack are there and are not shown. */
export const hasRefusedMlp = ({ name, blocks }: TowerSummary, refused: readonly Refusal[]): boolean => blocks.some(({ index }) => isRefused(refused, 'The MLP', name, index));

function towerWords(tower: TowerSummary, refused: readonly Refusal[], several: boolean): string {
  if (tower.kind === 'cnn') return `a ${kinds.cnn} of ${counted(tower.layers, 'convolution')}`;
  const name = several ? towerTitle(tower) : kinds[tower.kind];
  const heads = figureWords(tower.heads, 'head');
  const layers = counted(tower.layers, 'layer');
  const each = tower.layers > 1 && heads !== '' ? ' each' : '';
  const width = tower.dModel === null ? '' : `, width ${count(tower.dModel)}`;
  const without = tower.dMlp === null && tower.blocks.every((block) => block.mlp === null) && !hasRefusedMlp(tower, refused) ? ', without MLPs' : '';
  return `${article(name)} ${name} of ${layers}${heads === '' ? '' : ` with ${heads}${each}`}${without}${width}`;
}

const figureWords = (figure: Figure, one: string): string => (figure === null ? '' : counted(figure, one));

/** The standard domain's version; another domain by its name. */
const opsetWords = (opset: ModelSummary['model']['opset']): readonly string[] => (opset[''] === undefined ? [] : [`opset ${opset['']}`]);

const article = (noun: string): string => (/^[aeiou]/.test(noun) ? 'an' : 'a');
