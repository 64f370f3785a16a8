/** Scores of heads, for a person at a terminal: the heads that fit each pattern best. */
import { headAddress } from '../../shared/addresses.ts';
import { counted } from '../../shared/format.ts';
import { headKindNames, headKinds } from '../../shared/protocol/headApi.ts';
import type { HeadScores, ScoreMeasure } from '../../shared/protocol/headApi.ts';
import { clip, table, wrap } from './layout.ts';

const measures: Readonly<Record<ScoreMeasure, string>> = {
  rows: 'share of attention where the pattern says, mean over the positions that it says something about',
  mul: 'share of all attention that falls where the pattern says',
  abs: '1 less the mean absolute difference from the pattern',
};

export function headsText({ protocol, layers }: HeadScores, top: number): string {
  const { measure, excludeBos, excludeCurrentToken, patterns } = protocol;
  const left = [...(excludeBos ? ['position 0'] : []), ...(excludeCurrentToken ? ['a token’s attention to itself'] : [])];
  const lists = patterns.map(({ name }, index) => {
    const heads = layers.flatMap((layer) => Array.from({ length: layer.heads }, (_, head) => ({
      address: headAddress(layer.tower.replace(/\.$/, ''), layer.layer, head, layer.attention), score: layer.values[index * layer.heads + head] ?? NaN,
    })));
    const best = heads.filter(({ score }) => Number.isFinite(score)).sort((a, b) => b.score - a.score).slice(0, top);
    const kind = headKinds.find((one) => one === name);
    return [kind ? headKindNames[kind] : clip(name, 24), best.length === 0 ? 'not measured' : best.map(({ address, score }) => `${address} ${score.toFixed(3)}`).join(', ')];
  });
  return [
    ...wrap(`${textOf(protocol)}: ${measures[measure]}${left.length > 0 ? `, without ${left.join(' and ')}` : ''}`),
    '',
    ...table(lists, { indent: 2 }),
    '',
  ].join('\n');
}

function textOf({ rows, repeated }: HeadScores['protocol']): string {
  const [first] = repeated ?? [];
  return first ? `${counted(rows, 'row')} of ${first.period} random tokens that come twice (seed ${first.seed})` : counted(rows, 'prompt');
}
