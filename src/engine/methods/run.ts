/** Runs a prompt through the chain and streams each layer's attention as it is made. */
import type { LayerPatterns, PositionPredictions, RunParams, RunProgress, RunResult, TokenInfo } from '../../shared/protocol/engineApi.ts';
import type { PreparedImage } from '../../shared/protocol/imageApi.ts';
import { CogscopeError } from '../../shared/errors.ts';
import { topPredictions } from '../analysis/predictions.ts';
import { sparsePatterns } from '../analysis/patterns.ts';
import { toFloat32 } from '../ort/tensor.ts';
import type { Tensor } from '../ort/tensor.ts';
import { prepareInputs } from '../program/inputs.ts';
import { predictingTower } from '../program/chain.ts';
import { inputsOf, patternKey } from '../keptRuns.ts';
import type { KeptLogits, KeptRun } from '../keptRuns.ts';
import type { ModelSession } from '../session.ts';
import { readFiles } from './captureInputs.ts';
import { imageTensor, pixelsInput } from './imageInput.ts';
import { attentionPlace, patternEntries, patternOf } from './patterns.ts';
import { gridOf, positionNames } from './prepareImage.ts';
import { idsInputs, idsOf, towerTokens } from './prompt.ts';

const TOP = 10;

export async function runPrompt(session: ModelSession, params: RunParams, progress: (body: RunProgress) => void, signal: AbortSignal): Promise<RunResult> {
  const started = performance.now();
  const image = await imageOf(session, params.image);
  // Beside an image there may be no prompt at all.
  const byTower = image && idsInputs(session).length === 0 ? new Map<string, readonly TokenInfo[]>() : towerTokens(session, params.prompt, params.prompts);
  const towers: RunResult['towers'] = { ...Object.fromEntries(byTower), ...image?.towers };
  const [tokens = []] = Object.values(towers);
  const program = session.getProgram();
  const given = new Map([...await readFiles(session, params.files ?? {}), ...(image ? [[image.input, image.tensor] as const] : [])]);
  const { tensors, filled } = prepareInputs(session.model, session.types, session.anatomy, idsOf(byTower), params.inputs ?? {}, given);
  // Predictions follow the tokens of the tower that makes them.
  const predicting = byTower.get(predictingTower(session.anatomy)?.name ?? '') ?? tokens;
  const run = session.runs.keep({ tokens: predicting, towers: new Map(Object.entries(towers)), inputs: tensors });
  const entries = params.patterns ? patternEntries(session) : [];
  progress({ kind: 'started', run: run.id, stages: program.shape.blockCuts.length + 1, tokens, towers, filled, ...withdrawn(session) });

  let firstLayer = 0;
  const nan: string[] = [];
  const last = predicting.length - 1;
  const end = program.shape.tailByPosition ? program.shape.cuts.at(-1) : undefined;
  const output = await program.run({
    inputs: tensors,
    taps: [...entries.map((entry) => entry.place.value), ...(end ? [end] : [])],
    logits: end ? [last] : 'all',
    signal,
    onStage: (stage) => {
      const layers: LayerPatterns[] = [];
      for (const entry of entries) {
        const tensor = stage.taps.get(entry.place.value);
        if (!tensor) continue;
        const pattern = patternOf(session, entry, tensor, byTower);
        if (!pattern) continue;
        const layer = sparsePatterns(pattern, attentionPlace(entry));
        run.patterns.set(patternKey(layer), pattern);
        if (layer.nanRows.length > 0) nan.push(entry.address);
        firstLayer ||= performance.now() - started;
        layers.push(layer);
      }
      progress({ kind: 'stage', run: run.id, stage: stage.stage, stages: stage.stages, ms: stage.ms, layers });
    },
  });
  if (output.logits && predictingTower(session.anatomy)) run.logits = keptLogits(output.logits, last, end && output.taps.get(end));
  else if (output.logits && session.classes) run.logits = { kind: 'classes', data: toFloat32(output.logits) };
  const predictions = await predictionsAt(session, run, last, TOP);
  if (predictions?.nan) nan.push('logits');
  return { run: run.id, tokens, towers, filled, ...withdrawn(session), predictions, nan, ms: { firstLayer, run: performance.now() - started } };
}

/** What a model that takes pixels is given for them, with the names of the positions that it makes of them. Throws 'usage' where no image is given. */
async function imageOf(session: ModelSession, path: string | undefined): Promise<{ readonly input: string; readonly tensor: Tensor; readonly towers: PreparedImage['towers'] } | undefined> {
  if (path === undefined) return undefined;
  const { tensor } = await imageTensor(session, path);
  return { input: pixelsInput(session)?.name ?? '', tensor, towers: positionNames(session, gridOf(session, tensor)) };
}

/** What is left out because a check of it failed; nothing where nothing did. */
const withdrawn = (session: ModelSession): Pick<RunResult, 'refused'> => (session.withdrawn.refusals.length > 0 ? { refused: session.withdrawn.refusals } : {});

/** With a `state` to make more of them from, `logits` are those of one position. */
function keptLogits(logits: Tensor, position: number, state: Tensor | undefined): KeptLogits {
  const data = toFloat32(logits);
  return state
    ? { kind: 'by-position', known: new Map([[position, data]]), state }
    : { kind: 'all', vocab: logits.dims.at(-1) ?? 0, data };
}

/** The most probable tokens after one position of a finished run. */
export async function predictionsAt(session: ModelSession, run: KeptRun, position: number, top: number): Promise<PositionPredictions | null> {
  if (!run.logits) return null;
  const { classes } = session;
  if (run.logits.kind === 'classes') return topPredictions(run.logits.data, 0, top, (id) => classes?.name(id) ?? String(id));
  const at = Math.min(Math.max(position, 0), run.tokens.length - 1);
  return topPredictions(await logitsAt(session, run, run.logits, at), at, top, (id) => session.decode(id));
}

async function logitsAt(session: ModelSession, run: KeptRun, logits: Exclude<KeptLogits, { kind: 'classes' }>, position: number): Promise<Float32Array> {
  if (logits.kind === 'all') return logits.data.subarray(position * logits.vocab, (position + 1) * logits.vocab);
  const known = logits.known.get(position);
  if (known) return known;
  const program = session.getProgram();
  const { state } = logits;
  const cut = program.shape.cuts.at(-1);
  const output = cut && await program.run({ inputs: inputsOf(run), from: { cut, state, rows: 1 }, logits: [position] });
  if (!output?.logits) throw new CogscopeError('internal', 'The last stage gave no logits');
  const made = toFloat32(output.logits);
  logits.known.set(position, made);
  return made;
}
