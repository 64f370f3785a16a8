/** Scores of heads: their attention on repeated random tokens, on prompts, or in a run that is kept, held against patterns. */
import { CogscopeError } from '../../shared/errors.ts';
import { capitalised, counted } from '../../shared/format.ts';
import { headKindNames, headKinds } from '../../shared/protocol/headApi.ts';
import type { DetectionPattern, HeadScores, HeadScoresParams, HeadScoresProgress, LayerScores, ScoreProtocol } from '../../shared/protocol/headApi.ts';
import type { AttentionPlace } from '../../shared/protocol/engineApi.ts';
import type { AddressEntry } from '../anatomy/addresses.ts';
import type { CanonicalArray } from '../anatomy/canonical.ts';
import { crossDetectionOf, crossPlaces, detectionOf, statedOffset } from '../analysis/scores/detections.ts';
import type { Detection } from '../analysis/scores/detections.ts';
import { scoreHeads } from '../analysis/scores/score.ts';
import type { ScoreOptions } from '../analysis/scores/score.ts';
import { patternKey } from '../keptRuns.ts';
import type { ModelSession } from '../session.ts';
import { attentionPlace, isCross, patternEntries, patternOf } from './patterns.ts';
import type { TowerTokens } from './prompt.ts';
import { batchInputs, scoredTexts } from './scoredTexts.ts';
import type { ScoredTexts } from './scoredTexts.ts';

export async function headScores(session: ModelSession, params: HeadScoresParams, progress: (body: HeadScoresProgress) => void, signal: AbortSignal): Promise<HeadScores> {
  const started = performance.now();
  const { text, patterns = headKinds.map((kind) => ({ kind })), excludeBos = false, excludeCurrentToken = false } = params;
  const options: ScoreOptions = { measure: params.measure ?? (text.kind === 'repeated' ? 'rows' : 'mul'), excludeBos, excludeCurrentToken };
  const entries = patternEntries(session);
  if (entries.length === 0) throw session.refusalOf((address) => address.endsWith('attn.hook_pattern')) ?? new CogscopeError('refused', 'The model has no attention that was recognised', 'See its overview for the reasons');
  const kept = text.kind === 'run' ? session.runs.get(text.run) : undefined;
  // A model that cannot run says why.
  if (!kept) session.getProgram();
  const texts: ScoredTexts = text.kind === 'run' ? { batches: kept ? [[kept.towers]] : [], repeated: null } : scoredTexts(session, text);
  const table = new ScoreTable(patterns, texts.batches.flat(), entries, options);
  const protocol = protocolOf(text.kind, options, texts, patterns);
  const notes = [...table.notes, ...crossNotes(entries, patterns)];
  progress({ kind: 'started', protocol, notes });
  const of = entries.length * texts.batches.length;
  let done = 0;
  const told = (entry: AddressEntry): void => progress({ kind: 'layer', done: ++done, of, scores: table.scoresOf(entry) });
  if (kept) {
    for (const entry of entries) {
      const pattern = kept.patterns.get(patternKey(attentionPlace(entry)));
      if (pattern) table.add(entry, pattern, 0);
      told(entry);
    }
    if (table.isEmpty) throw new CogscopeError('usage', 'That run kept no patterns', 'Run the prompt again with its patterns');
  } else {
    let row = 0;
    for (const batch of texts.batches) {
      await session.getProgram().run({
        inputs: batchInputs(session, batch), taps: entries.map(({ place }) => place.value), passing: true, logits: 'none', signal,
        onStage: ({ taps }) => {
          for (const entry of entries) {
            const tensor = taps.get(entry.place.value);
            const pattern = tensor && patternOf(session, entry, tensor, batch[0] ?? new Map(), batch.length);
            if (!pattern) continue;
            table.add(entry, pattern, row);
            told(entry);
          }
        },
      });
      row += batch.length;
    }
  }
  const taken = session.withdrawn.refusals.map(({ what, reason }) => `${what}: ${reason}`);
  return { protocol, layers: entries.filter((entry) => table.has(entry)).map((entry) => table.scoresOf(entry)), notes: [...notes, ...taken], ms: performance.now() - started };
}

/** What of cross attention is scored. */
function crossNotes(entries: readonly AddressEntry[], patterns: readonly DetectionPattern[]): readonly string[] {
  if (!entries.some(isCross)) return [];
  const names = patterns.filter(crossPlaces).map(spokenName);
  const others = patterns.filter((pattern) => !crossPlaces(pattern)).map(spokenName);
  const scored = names.length > 0 ? `Cross attention reads another text, so it is scored by position there: ${names.join(', ')}` : 'Cross attention is not scored: it reads another text';
  return [others.length > 0 ? `${scored}; ${others.join(', ')} ${others.length === 1 ? 'has' : 'have'} no meaning between two texts` : scored];
}

function protocolOf(text: ScoreProtocol['text'], options: ScoreOptions, { batches, repeated }: ScoredTexts, patterns: readonly DetectionPattern[]): ScoreProtocol {
  const [first] = repeated ?? [];
  return { text, ...options, rows: batches.flat().length, repeated, patterns: patterns.map((pattern) => ({ name: nameOf(pattern), offset: statedOffset(pattern, first?.period ?? null) })) };
}

function nameOf(pattern: DetectionPattern): string {
  switch (pattern.kind) {
    case 'offset': return `offset ${pattern.offset}`;
    case 'drawn': return pattern.name;
    default: return pattern.kind;
  }
}

/** A pattern as people call it. */
const spokenName = (pattern: DetectionPattern): string => (pattern.kind === 'offset' || pattern.kind === 'drawn' ? nameOf(pattern) : headKindNames[pattern.kind]);

/** Sums of one layer: [patterns, heads]. */
interface LayerSums {
  readonly heads: number;
  readonly sums: Float64Array;
  /** Texts that each pattern says something about, so far. */
  readonly counts: Uint32Array;
}

/** Means over texts, of each layer that is there so far. A text in which a pattern looks nowhere is left out of that pattern's mean: it tells nothing. */
class ScoreTable {
  private readonly patterns: readonly DetectionPattern[];
  private readonly options: ScoreOptions;
  private readonly firstTower: string | undefined;
  /** By tower, then for each text: what each pattern is there; undefined where it says nothing. */
  private readonly detections: ReadonlyMap<string, readonly (readonly (Detection | undefined)[])[]>;
  private readonly layers = new Map<AddressEntry, LayerSums>();

  constructor(patterns: readonly DetectionPattern[], texts: readonly TowerTokens[], entries: readonly AddressEntry[], options: ScoreOptions) {
    this.patterns = patterns;
    this.options = options;
    const towers = [...new Set(entries.filter((entry) => !isCross(entry)).map(({ tower }) => tower))];
    this.firstTower = towers[0]?.name;
    this.detections = new Map(towers.map(({ name, causal }) => [name, texts.map((tokens) => {
      const ids = (tokens.get(name) ?? []).map(({ id }) => id);
      return patterns.map((pattern) => {
        if (!this.isOf(pattern, name)) return undefined;
        const detection = detectionOf(pattern, { ids, causal });
        return detection.cells.length > 0 ? detection : undefined;
      });
    })]));
  }

  get isEmpty(): boolean {
    return this.layers.size === 0;
  }

  has(entry: AddressEntry): boolean {
    return this.layers.has(entry);
  }

  private isOf(pattern: DetectionPattern, tower: string): boolean {
    return pattern.kind !== 'drawn' || tower === (pattern.tower ?? this.firstTower);
  }

  /** What is measured on some texts only, or on none. */
  get notes(): readonly string[] {
    return [...this.detections].flatMap(([tower, texts]) => this.patterns.flatMap((pattern, index) => {
      if (!this.isOf(pattern, tower)) return [];
      const measured = texts.filter((one) => one[index] !== undefined).length;
      if (measured === texts.length) return [];
      const where = this.detections.size > 1 ? ` in tower ${tower}` : '';
      const why = reasons[pattern.kind] ?? 'the pattern looks nowhere';
      const what = spokenName(pattern);
      return [measured === 0 ? `${what} is not measured${where}: ${why}` : `${what} is measured on ${measured} of ${counted(texts.length, 'text')}${where}: in the others ${why}`];
    })).map(capitalised);
  }

  /** `pattern` holds texts from number `first` on. */
  add(entry: AddressEntry, pattern: CanonicalArray, first: number): void {
    const [rows = 0, heads = 0, dest = 0, src = 0] = pattern.shape;
    const known = this.layers.get(entry) ?? { heads, sums: new Float64Array(this.patterns.length * heads), counts: new Uint32Array(this.patterns.length) };
    this.layers.set(entry, known);
    for (let row = 0; row < rows; row++) {
      const all = isCross(entry) ? this.patterns.map((one) => crossDetectionOf(one, dest, src)) : this.detections.get(entry.tower.name)?.[first + row] ?? [];
      const measured = all.flatMap((detection, index) => (detection?.size === dest && (detection.cols ?? dest) === src ? [{ detection, index }] : []));
      // In another text no token is the reading one itself.
      const options = isCross(entry) ? { ...this.options, excludeCurrentToken: false } : this.options;
      const scores = scoreHeads(pattern, row, measured.map(({ detection }) => detection), options);
      measured.forEach(({ index }, at) => {
        known.counts[index] = (known.counts[index] ?? 0) + 1;
        for (let head = 0; head < heads; head++) known.sums[index * heads + head] = (known.sums[index * heads + head] ?? 0) + (scores[at * heads + head] ?? NaN);
      });
    }
  }

  scoresOf(entry: AddressEntry): LayerScores {
    const place: AttentionPlace = attentionPlace(entry);
    const { heads, sums, counts } = this.layers.get(entry) ?? { heads: 0, sums: new Float64Array(), counts: new Uint32Array() };
    // Nothing counted is nothing by nothing: NaN.
    return { ...place, heads, values: Float32Array.from(sums, (sum, at) => sum / (counts[Math.floor(at / heads)] ?? 0)) };
  }
}

/** Why a pattern looks nowhere. */
const reasons: Readonly<Partial<Record<DetectionPattern['kind'], string>>> = {
  previousToken: 'there is one token only',
  duplicateToken: 'no token comes twice',
  induction: 'nothing stands behind a token that comes twice',
  offset: 'there are fewer tokens than that',
};
