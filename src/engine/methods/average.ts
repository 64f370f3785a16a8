/** The mean pattern of each head over many prompts, with its spread; kept as a run is. */
import { CogscopeError } from '../../shared/errors.ts';
import { bytes } from '../../shared/format.ts';
import type { AverageApi, AveragedLayer, AverageFrame, AverageParams, AverageProgress } from '../../shared/protocol/averageApi.ts';
import type { PatternTile } from '../../shared/protocol/engineApi.ts';
import { MeanPattern, SUM_BYTES } from '../analysis/compare/mean.ts';
import { averagedLayer, patternTile } from '../analysis/patterns.ts';
import type { CanonicalArray } from '../anatomy/canonical.ts';
import { patternKey } from '../keptRuns.ts';
import type { KeptAverage, KeptRun } from '../keptRuns.ts';
import { predictingTower } from '../program/chain.ts';
import type { ModelSession } from '../session.ts';
import { averageTexts, commonTokens } from './averageTexts.ts';
import { attentionPlace, patternEntries, patternOf } from './patterns.ts';
import type { TowerTokens } from './prompt.ts';
import { batchInputs } from './scoredTexts.ts';

/** Sums of all heads beyond which prompts are too long to be averaged. */
const MOST_BYTES = 2 ** 30;

/**
 * Runs the prompts one by one. A prompt counts once all of its layers are there, so that a cancel leaves a mean over whole prompts, which is kept. What an
 * average of fewer prompts says is told after 1, 2, 4, 8... of them.
 */
export async function averagePatterns(session: ModelSession, params: AverageParams, progress: (body: AverageProgress) => void, signal: AbortSignal): Promise<AverageFrame> {
  const { texts, leftOut } = averageTexts(session, params);
  const towers: TowerTokens = new Map([...(texts[0] ?? new Map<string, never>()).keys()].map((tower) => [tower, commonTokens(texts, tower)]));
  const tokens = towers.get(predictingTower(session.anatomy)?.name ?? '') ?? [...towers.values()][0] ?? [];
  const average: KeptAverage = { prompts: 0, spreads: new Map(), ended: Promise.resolve() };
  const run = session.runs.keep({ tokens, towers, inputs: null, average });
  const { refusals } = session.withdrawn;
  const frame: AverageFrame = { run: run.id, tokens, towers: Object.fromEntries(towers), of: texts.length, leftOut, ...(refusals.length > 0 ? { refused: refusals } : {}) };
  progress({ kind: 'started', frame });
  const work = addAll(session, texts, run, progress, signal);
  average.ended = work.catch(() => undefined);
  await work;
  return frame;
}

async function addAll(session: ModelSession, texts: readonly TowerTokens[], run: KeptRun, progress: (body: AverageProgress) => void, signal: AbortSignal): Promise<void> {
  const program = session.getProgram();
  const entries = patternEntries(session);
  const means = new Means();
  try {
    for (const text of texts) {
      const made = new Map<string, CanonicalArray>();
      await program.run({
        inputs: batchInputs(session, [text]), taps: entries.map(({ place }) => place.value), passing: true, logits: 'none', signal,
        onStage: ({ taps }) => {
          for (const entry of entries) {
            const tensor = taps.get(entry.place.value);
            const pattern = tensor && patternOf(session, entry, tensor, text);
            if (pattern) made.set(patternKey(attentionPlace(entry)), pattern);
          }
        },
      });
      means.add(made);
      progress({ kind: 'prompt', done: means.count, of: texts.length });
      if (!Number.isInteger(Math.log2(means.count)) && means.count < texts.length) continue;
      means.keepIn(run);
      for (const layer of layersOf(session, run)) progress({ kind: 'layer', done: means.count, layer });
    }
  } finally {
    if (run.average?.prompts !== means.count) means.keepIn(run);
  }
}

export async function averagedLayers(session: ModelSession, { run }: Parameters<AverageApi['averagedLayers']>[0]): ReturnType<AverageApi['averagedLayers']> {
  const kept = session.runs.get(run);
  const average = averageOf(kept);
  await average.ended;
  return { prompts: average.prompts, layers: layersOf(session, kept) };
}

export function spreadTile(session: ModelSession, params: Parameters<AverageApi['spreadTile']>[0]): PatternTile {
  const spread = averageOf(session.runs.get(params.run)).spreads.get(patternKey(params));
  if (!spread) throw new CogscopeError('usage', `Layer ${params.layer} has no attention in this average`, 'Average the prompts again');
  return patternTile(spread, params.head, params);
}

function averageOf({ average }: KeptRun): KeptAverage {
  if (!average) throw new CogscopeError('usage', 'That run is of one prompt', 'Average several first');
  return average;
}

function layersOf(session: ModelSession, { patterns, average }: KeptRun): readonly AveragedLayer[] {
  return patternEntries(session).flatMap((entry) => {
    const place = attentionPlace(entry);
    const [mean, spread] = [patterns.get(patternKey(place)), average?.spreads.get(patternKey(place))];
    return mean && spread ? [averagedLayer(mean, spread, place)] : [];
  });
}

/** The means of all layers, by {@link patternKey}, over the same prompts. */
class Means {
  private readonly layers = new Map<string, MeanPattern>();
  count = 0;

  add(made: ReadonlyMap<string, CanonicalArray>): void {
    if (this.count === 0) {
      const size = [...made.values()].reduce((sum, { data }) => sum + data.length * SUM_BYTES, 0);
      if (size > MOST_BYTES) throw new CogscopeError('usage', `The mean over prompts of this length would take ${bytes(size)} of memory`, 'Average shorter prompts');
      for (const [key, { shape }] of made) this.layers.set(key, new MeanPattern(shape));
    }
    for (const [key, pattern] of made) this.layers.get(key)?.add(pattern);
    this.count++;
  }

  keepIn({ patterns, average }: KeptRun): void {
    if (!average) return;
    average.prompts = this.count;
    for (const [key, mean] of this.layers) {
      patterns.set(key, mean.mean());
      average.spreads.set(key, mean.spread());
    }
  }
}
