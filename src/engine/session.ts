/** One open model: what was read of it, its program, its finished runs. Everything that lasts between two calls is here. */
import { CogscopeError } from '../shared/errors.ts';
import type { ModelSummary } from '../shared/summary.ts';
import { placesOf } from './anatomy/addresses.ts';
import type { AddressEntry } from './anatomy/addresses.ts';
import { toCanonical } from './anatomy/canonical.ts';
import type { CanonicalArray } from './anatomy/canonical.ts';
import { readAnatomy } from './anatomy/read.ts';
import type { Anatomy } from './anatomy/types.ts';
import { FLOAT16 } from './onnx/elementType.ts';
import { asNumber } from './onnx/infer/dim.ts';
import { OnnxModel } from './onnx/model.ts';
import { computedInBfloat16 } from './onnx/bfloat16.ts';
import { roundsActivations } from './analysis/rounding.ts';
import { inferTypes } from './onnx/infer/infer.ts';
import type { TypeTable } from './onnx/infer/infer.ts';
import { toFloat32 } from './ort/tensor.ts';
import type { Tensor } from './ort/tensor.ts';
import type { OptimizationLevel } from './ort/session.ts';
import { chainShape } from './program/chain.ts';
import { Program } from './program/program.ts';
import { KeptRuns } from './keptRuns.ts';
import { readLabels } from './labels.ts';
import { Effects } from './neurons/effects/effects.ts';
import { identityOf } from './neurons/identity.ts';
import type { IndexedModel, IndexPlan } from './neurons/plan.ts';
import { Traits } from './neurons/readings/traits.ts';
import type { ModelIdentity } from './neurons/store/made.ts';
import { summarize } from './summarize.ts';
import { decoderStart } from './text/decoderStart.ts';
import { Tokenizer } from './text/tokenizer.ts';
import { Withdrawals } from './withdrawal.ts';

export interface SessionSettings {
  readonly threads: number;
  readonly weightBudget: number;
}

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

export class ModelSession {
  readonly model: OnnxModel;
  readonly types: TypeTable;
  readonly anatomy: Anatomy;
  readonly tokenizer: Tokenizer | { readonly missing: string };
  readonly summary: ModelSummary;
  /** The token that a decoder starts with, as the configuration beside the model says. */
  readonly decoderStart: number | null;
  readonly settings: SessionSettings;
  private program: Program | undefined;
  private identity: Promise<ModelIdentity> | undefined;
  private traits: Traits | undefined;
  private effects: Effects | string | undefined;
  /** What failed checks have taken back. */
  readonly withdrawn = new Withdrawals();
  private readonly places: readonly AddressEntry[];
  readonly runs = new KeptRuns();
  /** What a class of the model's scores is called; undefined where it scores none, or nothing says that these are classes. */
  readonly classes: { readonly name: (id: number) => string } | undefined;

  private constructor(model: OnnxModel, tokenizer: ModelSession['tokenizer'], settings: SessionSettings, readMs: number) {
    const started = performance.now();
    this.model = model;
    this.settings = settings;
    this.tokenizer = tokenizer;
    this.types = inferTypes(model);
    this.decoderStart = decoderStart(model.path);
    this.anatomy = readAnatomy(model, this.types);
    this.places = placesOf(this.anatomy);
    this.classes = this.readClasses();
    this.summary = summarize(model, this.types, this.anatomy, tokenizer, { read: readMs, anatomy: performance.now() - started });
  }

  static async open(path: string, tokenizerPath: string | null, settings: SessionSettings): Promise<ModelSession> {
    const started = performance.now();
    const model = await OnnxModel.open(path);
    const readMs = performance.now() - started;
    try {
      return new ModelSession(model, Tokenizer.find(path, tokenizerPath), settings, readMs);
    } catch (error) {
      await model.close();
      throw error;
    }
  }

  /** Without names for them, scores are taken for classes only where they are all that a model makes of an image: elsewhere they might be an embedding, or figures. */
  private readClasses(): ModelSession['classes'] {
    const { classes } = this.anatomy;
    const labels = classes && readLabels(this.model.path, asNumber(this.types.of(classes.value).shape?.at(-1)) ?? null);
    const isOfImage = this.model.graph.outputs.length === 1 && [...this.anatomy.roles.values()].includes('pixels');
    if (!classes || (!labels && !isOfImage)) return undefined;
    return { name: (id) => labels?.[id] ?? `class ${id}` };
  }

  /** What an index of its neurons knows it by. All bytes are read the first time. Throws 'usage' where it has no tokenizer, 'changed' where it is no longer what was opened. */
  async getIdentity(): Promise<ModelIdentity> {
    const { model, tokenizer } = this;
    if ('missing' in tokenizer) throw new CogscopeError('usage', tokenizer.missing, 'Put a tokenizer.json beside the model: an index is of tokens');
    this.identity ??= identityOf({ model, tokenizer });
    const identity = await this.identity;
    model.assertUnchanged();
    return identity;
  }

  /** What neurons write, or why it is not known; made at first use. */
  async getEffects(model: IndexedModel, plan: IndexPlan, signal: AbortSignal): Promise<Effects | string> {
    const made = this.effects ?? await Effects.open(model, plan, signal);
    const kept = (this.effects ??= made);
    // Of two calls at once, the one that was first.
    if (kept !== made && typeof made !== 'string') await made.release();
    return kept;
  }

  /** What can be said of each token of the vocabulary. Throws 'usage' where there is no tokenizer. */
  getTraits(): Traits {
    const { tokenizer } = this;
    if ('missing' in tokenizer) throw new CogscopeError('usage', tokenizer.missing, 'Put a tokenizer.json beside the model');
    const tower = this.anatomy.towers.find((one) => one.ids !== null);
    const table = tower?.embed?.value.producer?.inputs[0];
    this.traits ??= new Traits(tower?.vocab ?? (table && asNumber(this.types.of(table).shape?.[0])) ?? 0, (id) => tokenizer.decode(id));
    return this.traits;
  }

  /** The chain of stages; made at first use. Throws 'refused' where the model cannot run. */
  getProgram(): Program {
    const [problem] = this.model.problems;
    if (problem) throw new CogscopeError(problem.code, `The model cannot run: ${lower(problem.what)} (${lower(problem.reason)})`, problem.todo);
    const bfloat16 = computedInBfloat16(this.types);
    if (bfloat16) throw new CogscopeError('refused', `The model computes in bfloat16 (${bfloat16} and others), for which ONNX Runtime has no operators on a CPU`, 'Export it in float32 or float16; its weights may stay in bfloat16 behind a Cast');
    const stopped = this.withdrawn.ofRuns;
    if (stopped) throw new CogscopeError('refused', 'The model is not run, since its stages do not compute what the file computes', 'Report the model', '', stopped.reason);
    this.program ??= new Program(this.model, this.types, chainShape(this.model, this.types, this.anatomy), { ...this.settings, level: this.level });
    return this.program;
  }

  /**
   * Where activations are rounded to few bits, a difference in the last bit becomes one of a whole step: there the stages are
   * optimised no further than they give the file's own numbers bit for bit.
   */
  get level(): OptimizationLevel {
    return roundsActivations(this.model.graph) ? 'basic' : 'all';
  }

  /** Its matrices are in half precision. */
  get isHalf(): boolean {
    return [...this.model.weights.values()].some((weight) => weight.dataType === FLOAT16 && weight.dims.length > 1);
  }

  /** All that can be pointed at, without what a check has shown to be wrong. */
  get addresses(): readonly AddressEntry[] {
    return this.places.filter((entry) => !this.withdrawn.of(entry.address));
  }

  /** Why what is asked for was withdrawn; undefined where it was not. */
  refusalOf(fits: (address: string) => boolean): CogscopeError | undefined {
    const found = this.withdrawn.of(...this.places.map((entry) => entry.address).filter(fits));
    return found && new CogscopeError('refused', `${found.what} is not given out`, '', '', found.reason);
  }

  entry(address: string): AddressEntry | undefined {
    return this.addresses.find((entry) => entry.address === address);
  }

  /** A tensor in TransformerLens's axes; `tokens` are its tower's, null where no prompt counts them, `rows` the batch's, for tensors that hold it within another axis. */
  canonical(entry: AddressEntry, tensor: Tensor, tokens: number | null, rows = 1): CanonicalArray {
    const batch = entry.place.layout.flat().includes('batch') ? rows : 1;
    return toCanonical(toFloat32(tensor), tensor.dims, entry.place, entry.axes, { batch, pos: tokens });
  }

  decode(id: number): string {
    return 'missing' in this.tokenizer ? String(id) : this.tokenizer.decode(id);
  }

  get counts(): { readonly sessions: number; readonly runs: number } {
    return { sessions: this.program?.sessionCount ?? 0, runs: this.runs.size };
  }

  /** Ends the sessions; the next run makes them anew. */
  async releaseProgram(): Promise<void> {
    await this.program?.release();
  }

  async release(): Promise<void> {
    await this.releaseProgram();
    this.program = undefined;
    if (this.effects && typeof this.effects !== 'string') await this.effects.release();
    this.effects = undefined;
    this.runs.clear();
  }

  async close(): Promise<void> {
    await this.release();
    await this.model.close();
  }
}
