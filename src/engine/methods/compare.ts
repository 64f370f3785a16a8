/** More than one prompt: two runs on aligned tokens, and the mean pattern over many. */
import { alignTokens } from '../../shared/align/alignTokens.ts';
import type { AlignedColumn } from '../../shared/align/alignTokens.ts';
import { CogscopeError } from '../../shared/errors.ts';
import type { Alignment, Average, AverageParams, AverageProgress, CompareApi, LayerDifference } from '../../shared/protocol/compareApi.ts';
import type { AttentionPlace, PatternTile } from '../../shared/protocol/engineApi.ts';
import { differenceOf, distancesOf } from '../analysis/compare/difference.ts';
import type { Aligned } from '../analysis/compare/difference.ts';
import { MeanPattern } from '../analysis/compare/mean.ts';
import type { Counterparts } from '../analysis/compare/mean.ts';
import { patternTile, sparsePatterns, sparseSigned } from '../analysis/patterns.ts';
import type { AddressEntry } from '../anatomy/addresses.ts';
import type { CanonicalArray } from '../anatomy/canonical.ts';
import { predictingTower } from '../program/chain.ts';
import { patternKey } from '../keptRuns.ts';
import type { KeptRun } from '../keptRuns.ts';
import type { ModelSession } from '../session.ts';
import { patternOfRun } from './attention/layer.ts';
import { otherPrompts } from './captureInputs.ts';
import { attentionPlace, patternEntries, patternOf } from './patterns.ts';
import { towerTokens } from './prompt.ts';
import type { TowerTokens } from './prompt.ts';
import { batchInputs } from './scoredTexts.ts';

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

/** The mean over prompts, kept under a run's number. */
export async function averagePatterns(session: ModelSession, { prompts, others = {} }: AverageParams, progress: (body: AverageProgress) => void, signal: AbortSignal): Promise<Average> {
  if (prompts.length === 0) throw new CogscopeError('usage', 'There is no prompt', 'Give at least one');
  const program = session.getProgram();
  const entries = patternEntries(session);
  const texts = prompts.map((prompt, index) => towerTokens(session, prompt, otherPrompts(others, index, prompts.length)));
  const first: TowerTokens = texts[0] ?? new Map();
  const means = new Map<AddressEntry, MeanPattern>();
  const present = new Map([...first].map(([tower, tokens]) => [tower, tokens.map(() => 0)]));
  for (const [index, tokens] of texts.entries()) {
    const counterparts = new Map([...alignTowers(first, tokens)].map(([tower, columns]) => [tower, counterpartsOf(columns)]));
    for (const [tower, own] of counterparts) present.set(tower, (present.get(tower) ?? []).map((count, at) => count + (own[at] === null ? 0 : 1)));
    await program.run({
      inputs: batchInputs(session, [tokens]), taps: entries.map(({ place }) => place.value), passing: true, logits: 'none', signal,
      onStage: ({ taps }) => {
        for (const entry of entries) {
          const tensor = taps.get(entry.place.value);
          const pattern = tensor && patternOf(session, entry, tensor, tokens);
          if (!pattern) continue;
          const mean = means.get(entry) ?? new MeanPattern(pattern);
          means.set(entry, mean);
          const source = sourceTower(session, attentionPlace(entry));
          mean.add(pattern, counterparts.get(entry.tower.name) ?? [], (source === null ? undefined : counterparts.get(source)) ?? Array.from({ length: pattern.shape[3] ?? 0 }, (_, at) => at));
        }
      },
    });
    progress({ kind: 'prompt', done: index + 1, of: texts.length });
  }
  const predicting = first.get(predictingTower(session.anatomy)?.name ?? '') ?? [...first.values()][0] ?? [];
  const run: KeptRun = session.runs.keep({ tokens: predicting, towers: first, inputs: null });
  for (const [entry, mean] of means) {
    const place = attentionPlace(entry);
    const pattern = mean.mean();
    run.patterns.set(patternKey(place), pattern);
    progress({ kind: 'layer', run: run.id, layer: sparsePatterns(pattern, place) });
  }
  return { run: run.id, tokens: predicting, towers: Object.fromEntries(first), prompts: texts.length, present: Object.fromEntries(present) };
}

function counterpartsOf(columns: readonly AlignedColumn[]): Counterparts {
  return columns.filter(({ a }) => a !== null).map(({ b }) => b);
}
