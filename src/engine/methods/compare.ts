/** Two runs on aligned tokens. */
import { alignTokens } from '../../shared/align/alignTokens.ts';
import type { AlignedColumn } from '../../shared/align/alignTokens.ts';
import { CogscopeError } from '../../shared/errors.ts';
import type { Alignment, CompareApi, LayerDifference } from '../../shared/protocol/compareApi.ts';
import type { AttentionPlace, PatternTile } from '../../shared/protocol/engineApi.ts';
import { differenceOf, distancesOf } from '../analysis/compare/difference.ts';
import type { Aligned } from '../analysis/compare/difference.ts';
import { patternTile, sparseSigned } from '../analysis/patterns.ts';
import type { CanonicalArray } from '../anatomy/canonical.ts';
import type { ModelSession } from '../session.ts';
import { patternOfRun } from './attention/layer.ts';
import type { TowerTokens } from './prompt.ts';

type PairParams = Parameters<CompareApi['alignRuns']>[0];

export function alignRuns(session: ModelSession, { a, b }: PairParams): Alignment {
  return { towers: Object.fromEntries(alignTowers(session.runs.get(a).towers, session.runs.get(b).towers)) };
}

function alignTowers(a: TowerTokens, b: TowerTokens): ReadonlyMap<string, readonly AlignedColumn[]> {
  return new Map([...a].map(([tower, tokens]) => [tower, alignTokens(tokens.map(({ id }) => id), (b.get(tower) ?? []).map(({ id }) => id))]));
}

export function patternDifference(session: ModelSession, params: PairParams & AttentionPlace): LayerDifference {
  const { a, b, aligned, place } = pairOf(session, params);
  const heads = Array.from({ length: a.shape[1] ?? 0 }, (_, head) => head);
  const difference = differenceOf(a, b, aligned, heads, 0);
  return { patterns: sparseSigned(difference, place), distance: distancesOf(a, b, aligned) };
}

export function differenceTile(session: ModelSession, params: Parameters<CompareApi['differenceTile']>[0]): PatternTile {
  const { a, b, aligned } = pairOf(session, params);
  return patternTile(differenceOf(a, b, aligned, [params.head], NaN), 0, params);
}

function pairOf(session: ModelSession, { a, b, tower, attention, layer }: PairParams & AttentionPlace): { readonly a: CanonicalArray; readonly b: CanonicalArray; readonly aligned: Aligned; readonly place: AttentionPlace } {
  const place = { tower, attention, layer };
  const [first, second] = [session.runs.get(a), session.runs.get(b)];
  const [own, other] = [patternOfRun(first, place), patternOfRun(second, place)];
  const towers = alignTowers(first.towers, second.towers);
  const name = tower.replace(/\.$/, '');
  const source = sourceTower(session, place);
  const columns = (key: string | null, rows: number, others: number): readonly AlignedColumn[] => (key === null ? undefined : towers.get(key)) ?? byPlace(rows, others);
  return { a: own, b: other, place, aligned: { dest: columns(name, own.shape[2] ?? 0, other.shape[2] ?? 0), src: columns(source, own.shape[3] ?? 0, other.shape[3] ?? 0) } };
}

/** The tower whose tokens attention reads; null where these are no tokens. */
function sourceTower({ anatomy }: ModelSession, { tower, attention }: AttentionPlace): string | null {
  const name = tower.replace(/\.$/, '');
  if (attention === 'self') return name;
  const read = anatomy.towers.find((one) => one.name === name)?.attendsTo;
  return read && 'blocks' in read ? read.name : null;
}

/** What has no tokens (sound, images) is compared place by place. */
function byPlace(a: number, b: number): readonly AlignedColumn[] {
  if (a !== b) throw new CogscopeError('refused', `The two inputs have ${a} and ${b} positions and no tokens to align`, 'Compare inputs of one length');
  return Array.from({ length: a }, (_, at) => ({ kind: 'same', a: at, b: at }));
}
