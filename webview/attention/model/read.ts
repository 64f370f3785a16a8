/** What views read out of the state. */
import type { AttentionKind } from '../../../src/shared/addresses.ts';
import type { AlignedColumn } from '../../../src/shared/align/alignTokens.ts';
import type { LayerPatterns, TokenInfo } from '../../../src/shared/protocol/engineApi.ts';
import type { ModelInput, ModelSummary, TowerSummary } from '../../../src/shared/summary.ts';
import { givenElsewhere } from '../../lib/elsewhere.ts';
import { refusedPart } from '../../lib/refusals.ts';
import { nothingMissing } from '../pattern/difference.ts';
import type { Missing } from '../pattern/difference.ts';
import type { HeadView } from '../pattern/headView.ts';
import { closedBy } from '../pattern/visibility.ts';
import type { Visibility } from '../pattern/visibility.ts';
import { columnAt, columnsOf } from './compare.ts';
import type { TwoCells } from './compare.ts';
import { allHeads, attentionOf, kindsOf, layerKey } from './heads.ts';
import type { Head, Place } from './heads.ts';
import { askedOf, promptKey, takesImage, takesTokens } from './prompt.ts';
import type { Run, State } from './state.ts';

const noPatterns: ReadonlyMap<string, LayerPatterns> = new Map();

export const summaryOf = (state: State): ModelSummary | null => (state.model?.state.kind === 'open' ? state.model.state.summary : null);

export const patternsOf = (state: State): ReadonlyMap<string, LayerPatterns> => state.run?.layers ?? noPatterns;

export function headsOf(state: State): readonly Head[] {
  const summary = summaryOf(state);
  return summary ? allHeads(summary, patternsOf(state), withdrawnLayers(state)) : [];
}

export const towerOf = (state: State, name: string): TowerSummary | undefined => summaryOf(state)?.towers.find((tower) => tower.name === name);

const refusedKinds: Readonly<Record<string, readonly AttentionKind[]>> = { Attention: ['self'], 'Cross attention': ['cross'], Everything: ['self', 'cross'] };

/** The attention that a refusal is about, by its keys. */
function refusedPlaces(what: string): readonly string[] {
  const found = refusedPart(what);
  return (refusedKinds[found?.part ?? ''] ?? []).map((attention) => layerKey({ tower: found?.tower ?? '', attention, layer: found?.layer ?? 0 }));
}

/** Layers whose attention a check has taken back. */
export const withdrawnLayers = (state: State): ReadonlySet<string> => new Set((state.run?.refused ?? []).flatMap(({ what }) => refusedPlaces(what)));

/** Why a layer's attention is not shown; undefined where nobody says. */
export function refusalAt(state: State, place: Place): string | undefined {
  const all = [...(state.run?.refused ?? []), ...(summaryOf(state)?.refused ?? [])];
  return all.find(({ what }) => refusedPlaces(what).includes(layerKey(place)))?.reason;
}

/** The patterns of a layer, as long as nothing says that they are wrong. */
export function layerOf(state: State, place: Place): LayerPatterns | undefined {
  const block = towerOf(state, place.tower)?.blocks.find(({ index }) => index === place.layer);
  const isRefused = (block && attentionOf(block, place.attention) === null) || withdrawnLayers(state).has(layerKey(place));
  return isRefused ? undefined : patternsOf(state).get(layerKey(place));
}

/** What the rows and the columns of a pattern stand for. */
export interface Axes {
  readonly dest: readonly TokenInfo[];
  readonly source: readonly TokenInfo[];
}

/** The tower whose tokens a head's columns stand for; null where these are no tokens. */
export const readTower = (state: State, { tower, attention }: Pick<Head, 'tower' | 'attention'>): string | null => (attention === 'self' ? tower : towerOf(state, tower)?.attendsTo ?? null);

/** What an opened head is drawn as: of what is made of several runs there are only patterns. */
export const viewOf = ({ run, view }: State): HeadView => (isMade(run) ? 'pattern' : view);

/** Whether it is made of several runs: there is nothing behind its patterns. */
export const isMade = (run: Run | null): boolean => run !== null && (run.difference !== undefined || run.beside !== undefined || run.mean !== undefined);

/** The run of the prompt alone, shown or not. */
export const ownRun = ({ run, average }: State): Run | null => (average?.shown === 'mean' ? average.aside.run : run);

/** A cell of the shown difference in both prompts; null where no difference is shown. */
export function twoCells(state: State, place: Pick<Head, 'tower' | 'attention'>, row: number, col: number): TwoCells | null {
  const difference = state.run?.difference;
  if (!difference) return null;
  const { dest, source } = columnsOf(difference, place, readTower(state, place));
  return { row: columnAt(dest, row), col: columnAt(source, col) };
}

/** Rows and columns that are not in what is shown: of a difference those that only one prompt has, beside each other those that the other has alone. */
export function missingOf(state: State, place: Place): Missing {
  const own = state.run?.beside?.axes.get(layerKey(place));
  if (own) return { rows: own.dest.map((at) => at === null), cols: own.source.map((at) => at === null) };
  const difference = state.run?.difference;
  if (!difference) return nothingMissing;
  const { dest, source } = columnsOf(difference, place, readTower(state, place));
  const alone = (columns: readonly AlignedColumn[] = []): readonly boolean[] => columns.map(({ a, b }) => a === null || b === null);
  return { rows: alone(dest), cols: alone(source) };
}

/** Cross attention goes from a tower's tokens to those of the one it attends to. */
export function axesOf(state: State, { tower, attention }: Pick<Head, 'tower' | 'attention'>): Axes {
  const dest = tokensOf(state, tower, 'rows', { tower, attention });
  if (attention === 'self') return { dest, source: dest };
  return { dest, source: tokensOf(state, readTower(state, { tower, attention }), 'cols', { tower, attention }) };
}

/** A tower's tokens; of one that takes none (sound, pictures, states that an input gives), as many positions as its patterns have. */
function tokensOf(state: State, name: string | null, side: 'rows' | 'cols', { tower, attention }: Pick<Head, 'tower' | 'attention'>): readonly TokenInfo[] {
  const { run } = state;
  const known = name === null ? undefined : run?.towers[name];
  if (!run || known) return known ?? [];
  const layer = [...run.layers.entries()].find(([key]) => key.startsWith(`${tower}|${attention}|`))?.[1];
  return positions(layer?.[side] ?? 0);
}

/** The same array for the same count, so that who draws it knows that nothing is new. */
function positions(count: number): readonly TokenInfo[] {
  const known = numbered.get(count) ?? Array.from({ length: count }, (_, at) => ({ id: at, text: String(at), start: 0, end: 0, special: false, approximate: false }));
  numbered.set(count, known);
  return known;
}

const numbered = new Map<number, readonly TokenInfo[]>();

/** The tokens of the run that the chosen position is one of: those that the selected head's rows stand for. */
export const runTokens = (state: State): readonly TokenInfo[] => (state.head ? axesOf(state, state.head).dest : state.run?.tokens ?? []);

/** What the selected head's columns stand for. */
export const sourceTokens = (state: State): readonly TokenInfo[] => (state.head ? axesOf(state, state.head).source : state.run?.tokens ?? []);

/** The tokens that predictions follow: the decoder's, where there are two prompts. */
export const predictedTokens = (state: State): readonly TokenInfo[] => state.run?.towers['dec'] ?? state.run?.tokens ?? [];

/** The position whose predictions are shown: the chosen one, or the last where that is one of another tower. */
export function predictedPosition(state: State): number {
  // Classes are scored once.
  if (takesImage(summaryOf(state)) && !takesTokens(summaryOf(state))) return 0;
  const tokens = predictedTokens(state);
  return runTokens(state) === tokens ? positionOf(state) : tokens.length - 1;
}

/** Tokens of what is typed: the run's as soon as it knows them, while it is the run of what is typed. */
export function shownTokens(state: State): readonly TokenInfo[] {
  if (!isStale(state) && state.run?.phase !== 'starting' && runTokens(state).length > 0) return runTokens(state);
  return state.typed?.tokens ?? [];
}

/** Whether the draft is no longer what was run. */
export function isStale(state: State): boolean {
  if (!state.run) return true;
  const read = askedOf(summaryOf(state), state, hasDecoder(state));
  return !read.ok || promptKey(read, state.edits) !== state.run.key;
}

export const isRunning = (run: Run | null): boolean => run?.phase === 'starting' || run?.phase === 'running';

/** The chosen token of the run; -1 while there is none. */
export function positionOf(state: State): number {
  const tokens = runTokens(state);
  const last = tokens.length - 1;
  // What stands before the patches of an image (CLS) gathers them all.
  const usual = state.image && tokens[0]?.special && tokens === state.run?.towers[state.image.prepared.grid?.tower ?? ''] ? 0 : last;
  return Math.min(state.position ?? usual, last);
}

/** Which cells of a layer's patterns the mask leaves open. */
export function visibilityOf(state: State, { tower, attention }: Pick<Head, 'tower' | 'attention'>, size: { readonly rows: number; readonly cols: number }): Visibility {
  const source = attention === 'cross' ? towerOf(state, tower)?.attendsTo : tower;
  // The mask that may be changed is the prompt's: the first tower's.
  const closed = source === (summaryOf(state)?.towers[0]?.name ?? '') ? closedBy(state.run?.mask) : null;
  return { ...size, causal: attention === 'self' && (towerOf(state, tower)?.causal ?? false), closed };
}

/** Whether a second prompt is to be given: a decoder's, behind an encoder that takes one. */
export const hasDecoder = (state: State): boolean => (summaryOf(state)?.towers.filter((tower) => tower.takesIds).length ?? 0) > 1;

/** Layers of which some attention is understood. */
export function layerCount(state: State): number {
  const withdrawn = withdrawnLayers(state);
  return (summaryOf(state)?.towers ?? []).reduce((sum, tower) => sum + tower.blocks.filter((block) => kindsOf(tower).some((attention) =>
    attentionOf(block, attention) !== null && !withdrawn.has(layerKey({ tower: tower.name, attention, layer: block.index })))).length, 0);
}

/** Layers that a run has brought; self- and cross attention of one layer come with one stage. */
export const layersCome = ({ layers }: Run): number => new Set([...layers.values()].map(({ tower, layer }) => `${tower}${layer}`)).size;

/** Inputs that this panel cannot give. */
export const missingInputs = (summary: ModelSummary): readonly ModelInput[] => givenElsewhere(summary).filter(({ role }) => role !== 'pixels');

/** Whether a prompt can be run now, as far as the host says; a prompt alone is not enough for every model. */
export function canRun(state: State): boolean {
  const summary = summaryOf(state);
  return state.model?.trusted === true && summary !== null && summary.runnable && missingInputs(summary).length === 0;
}

/** Whether further prompts may stand beside the first: patches of two images are not aligned, nor is a mean taken over them. */
export const takesMore = (state: State): boolean => canRun(state) && !takesImage(summaryOf(state));

/** The model is still being opened: what is asked of it is done once it is there. */
export function isComing({ model }: State): boolean {
  return model === null || (model.trusted && model.state.kind === 'loading');
}

/** The layers that have come, in the model's order. */
export function layersInOrder(state: State): readonly LayerPatterns[] {
  return (summaryOf(state)?.towers ?? []).flatMap((tower) => kindsOf(tower).flatMap((attention) =>
    tower.blocks.flatMap((block) => layerOf(state, { tower: tower.name, attention, layer: block.index }) ?? [])));
}
