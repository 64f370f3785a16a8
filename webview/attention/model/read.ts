/** What views read out of the state. */
import type { LayerPatterns, TokenInfo } from '../../../src/shared/protocol/engineApi.ts';
import type { ModelSummary, TowerSummary } from '../../../src/shared/summary.ts';
import { closedBy } from '../pattern/visibility.ts';
import type { Visibility } from '../pattern/visibility.ts';
import { allHeads, layerKey } from './heads.ts';
import type { Head } from './heads.ts';
import { promptKey, promptOf } from './prompt.ts';
import type { Run, State } from './state.ts';

const noPatterns: ReadonlyMap<string, LayerPatterns> = new Map();

export const summaryOf = (state: State): ModelSummary | null => (state.model?.state.kind === 'open' ? state.model.state.summary : null);

export const patternsOf = (state: State): ReadonlyMap<string, LayerPatterns> => state.run?.layers ?? noPatterns;

export function headsOf(state: State): readonly Head[] {
  const summary = summaryOf(state);
  return summary ? allHeads(summary, patternsOf(state), withdrawnLayers(state)) : [];
}

export const towerOf = (state: State, name: string): TowerSummary | undefined => summaryOf(state)?.towers.find((tower) => tower.name === name);

const atLayer = /^(?:Attention|Everything) at layer (\d+)$/;

/** Layers whose attention a check has taken back. */
export const withdrawnLayers = (state: State): ReadonlySet<number> =>
  new Set((state.run?.refused ?? []).flatMap(({ what }) => atLayer.exec(what)?.[1] ?? []).map(Number));

/** Why a layer's attention is not shown; undefined where nobody says. */
export function refusalAt(state: State, layer: number): string | undefined {
  const all = [...(state.run?.refused ?? []), ...(summaryOf(state)?.refused ?? [])];
  return all.find(({ what }) => atLayer.exec(what)?.[1] === String(layer))?.reason;
}

/** The patterns of a layer, as long as nothing says that they are wrong. */
export function layerOf(state: State, { tower, layer }: Pick<Head, 'tower' | 'layer'>): LayerPatterns | undefined {
  const isRefused = towerOf(state, tower)?.blocks.find((block) => block.index === layer)?.attention === null || withdrawnLayers(state).has(layer);
  return isRefused ? undefined : patternsOf(state).get(layerKey(tower, layer));
}

/** The tokens of the run, which its patterns are about. */
export const runTokens = (state: State): readonly TokenInfo[] => state.run?.tokens ?? [];

/** Tokens of what is typed: the run's as soon as it knows them, while it is the run of what is typed. */
export function shownTokens(state: State): readonly TokenInfo[] {
  if (!isStale(state) && state.run?.phase !== 'starting' && runTokens(state).length > 0) return runTokens(state);
  return state.typed?.tokens ?? [];
}

/** Whether the draft is no longer what was run. */
export function isStale(state: State): boolean {
  if (!state.run) return true;
  const read = promptOf(state.draft);
  return !read.ok || promptKey(read.prompt, state.edits) !== state.run.key;
}

export const isRunning = (run: Run | null): boolean => run?.phase === 'starting' || run?.phase === 'running';

/** The chosen token of the run; -1 while there is none. */
export function positionOf(state: State): number {
  const last = runTokens(state).length - 1;
  return Math.min(state.position ?? last, last);
}

/** Which cells of a layer's patterns the mask leaves open. */
export function visibilityOf(state: State, tower: string, size: { readonly rows: number; readonly cols: number }): Visibility {
  return { ...size, causal: towerOf(state, tower)?.causal ?? false, closed: closedBy(state.run?.mask) };
}

/** Layers whose attention is understood; the run brings that many. */
export function layerCount(state: State): number {
  const withdrawn = withdrawnLayers(state);
  return (summaryOf(state)?.towers ?? []).reduce((sum, tower) => sum + tower.blocks.filter((block) => block.attention !== null && !withdrawn.has(block.index)).length, 0);
}

/** Whether a prompt can be run now, as far as the host says. */
export function canRun(state: State): boolean {
  return state.model?.trusted === true && (summaryOf(state)?.runnable ?? false);
}

/** The model is still being opened: what is asked of it is done once it is there. */
export function isComing({ model }: State): boolean {
  return model === null || (model.trusted && model.state.kind === 'loading');
}

/** The layers that have come, in the model's order. */
export function layersInOrder(state: State): readonly LayerPatterns[] {
  return (summaryOf(state)?.towers ?? []).flatMap((tower) => tower.blocks.flatMap((block) => layerOf(state, { tower: tower.name, layer: block.index }) ?? []));
}
