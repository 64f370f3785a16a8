/** Makes an index, or goes on with one: chunk by chunk of text, each committed whole. */
import { statSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { CogscopeError } from '../../shared/errors.ts';
import { counted } from '../../shared/format.ts';
import type { NeuronForecast, NeuronIndexParams, NeuronIndexProgress, NeuronIndexResult } from '../../shared/neurons/build.ts';
import type { DescriptionsCarried } from '../../shared/neurons/described.ts';
import { calibrate, timePerToken } from './calibrate.ts';
import { carryDescriptions } from './described/carry.ts';
import { estimateTokens } from './estimate.ts';
import { figuresOf } from './figures.ts';
import { finish } from './finish.ts';
import { identityOf } from './identity.ts';
import { passesOf } from './passes.ts';
import type { NumberedRow } from './passes.ts';
import { planIndex } from './plan.ts';
import type { IndexedModel, IndexPlan } from './plan.ts';
import { RowReader, START } from './rows.ts';
import type { Row } from './rows.ts';
import { PassRunner } from './runner.ts';
import { HeadState } from './state/heads.ts';
import { MlpState } from './state/mlp.ts';
import { NeuronIndex, toIndex } from './store/index.ts';
import type { IndexTables } from './store/index.ts';
import { WriterLock } from './store/lock.ts';
import type { IndexedText, IndexSettings, IndexState } from './store/made.ts';
import { identify } from './text/source.ts';

/** Tokens between two commits: what a kill loses. Writing all examples takes as long as some thousand tokens of a small model, which has twice as many. */
const CHUNK_TOKENS = 1 << 15;
/** Rows where the file does not tell how long a context is, or tells more. */
const [USUAL_LENGTH, LONGEST] = [256, 1024];
const SEED = 1;
/** Tokens up to which each is drawn for the histograms; above, one in so many, up to sixteen. */
const ALL_SAMPLED = 1 << 16;
const LEAST_SHARE = 16;

/** Throws 'cancelled' where it is paused: what is committed stays. */
export async function buildIndex(model: IndexedModel, params: NeuronIndexParams, progress: (body: NeuronIndexProgress) => void, signal: AbortSignal): Promise<NeuronIndexResult> {
  const started = performance.now();
  const plan = planIndex(model);
  if (params.texts.length === 0) throw new CogscopeError('usage', 'There is no text to index', 'Name a file with --text');
  const lock = await WriterLock.take(params.db);
  const session = await Session.open(model, plan, params, signal).catch((error: unknown) => {
    lock.release();
    throw error;
  });
  try {
    const forecast = await session.forecast();
    progress(forecast);
    if (params.dry !== true) await session.make(progress);
    const { state } = session;
    return { forecast, finished: state.finished, tokens: state.tokens, rows: state.lines, ...figuresOf(session.tables, state), bytes: sizeOf(params.db), ms: performance.now() - started };
  } finally {
    await session.close();
    lock.release();
  }
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** An index that is being made. */
class Session {
  state: IndexState;
  readonly tables: IndexTables;
  private readonly model: IndexedModel;
  private readonly plan: IndexPlan;
  private readonly params: NeuronIndexParams;
  private readonly settings: IndexSettings;
  private readonly runner: PassRunner;
  private readonly reader: RowReader;
  private readonly index: NeuronIndex | undefined;
  private readonly signal: AbortSignal;
  private readonly descriptions: DescriptionsCarried | null;

  private constructor(own: Pick<Session, 'state' | 'tables'> & Opened) {
    this.state = own.state;
    this.tables = own.tables;
    this.model = own.model;
    this.plan = own.plan;
    this.params = own.params;
    this.settings = own.settings;
    this.runner = own.runner;
    this.reader = own.reader;
    this.index = own.index;
    this.signal = own.signal;
    this.descriptions = own.descriptions;
  }

  /** Of an index that is there, or of a new one. */
  static async open(model: IndexedModel, plan: IndexPlan, params: NeuronIndexParams, signal: AbortSignal): Promise<Session> {
    const expected = await estimateTokens(params.texts, model.tokenizer);
    const settings: IndexSettings = {
      length: rowLength(plan, params.length), chunkTokens: params.chunkTokens ?? (plan.small ? 2 * CHUNK_TOKENS : CHUNK_TOKENS), seed: SEED,
      every: Math.min(Math.max(Math.floor(expected / ALL_SAMPLED), 1), LEAST_SHARE),
    };
    const texts = await Promise.all(params.texts.map(async (text): Promise<IndexedText> => ({ path: relative(dirname(resolve(params.db)), resolve(text.path)), field: text.field ?? null, ...await identify(text) })));
    const identity = await identityOf(model);
    const reader = new RowReader(model.tokenizer, settings.length, plan.vocab);
    const runner = new PassRunner(model, plan, settings.seed);
    const opened = { model, plan, params, settings, runner, reader, signal };
    try {
      const known = await existing(params, (index) => whyAnother(index, { identity, settings, texts }));
      if (known) {
        known.writable();
        return new Session({ ...opened, index: known, descriptions: null, state: known.state, tables: known.tables(plan.attention) });
      }
      const ranges = await calibrate(runner, plan, reader.read(params.texts, START), signal);
      const tables: IndexTables = {
        mlps: plan.mlps.map(({ layer, neurons }, at) => new MlpState(layer, neurons, ranges[at] ?? { low: new Float32Array(neurons), high: new Float32Array(neurons).fill(1) })),
        heads: plan.attention.map(({ layer, heads }) => new HeadState(layer, heads)),
      };
      const state: IndexState = { position: START, tokens: 0, sampled: 0, lines: 0, expected, read: false, layers: 0, finished: false };
      const vocabulary = Array.from({ length: plan.vocab ?? 0 }, (_, id) => model.tokenizer.decode(id));
      const described = await carryDescriptions(params.db, identity, plan.mlps);
      const index = params.dry === true ? undefined : await NeuronIndex.create(params.db, { model: identity, settings, state }, texts, tables, { mlps: plan.mlps, vocabulary, described: described.list });
      return new Session({ ...opened, index, descriptions: described.told, state, tables });
    } catch (error) {
      await runner.release();
      throw error;
    }
  }

  async forecast(): Promise<NeuronForecast> {
    const { plan, state } = this;
    const neurons = plan.mlps.reduce((sum, mlp) => sum + mlp.neurons, 0);
    const left = Math.max(state.expected - state.tokens, 0);
    const perToken = state.read ? 0 : await timePerToken(this.runner, plan, this.reader.read(this.params.texts, state.position), this.signal);
    const memory = plan.mlps.reduce((sum, mlp) => sum + MlpState.memory(mlp.neurons), 0);
    return {
      kind: 'forecast', layers: plan.tower.blocks.length, neurons, heads: plan.attention.reduce((sum, { heads }) => sum + heads, 0), files: this.params.texts.length,
      // Token ids and places, and what is kept of each neuron.
      tokens: state.finished ? state.tokens : Math.max(state.expected, state.tokens), bytes: Math.round(memory * 1.1 + state.expected * 8.5), ms: left * perToken, memory, done: state.tokens, refused: plan.refused, descriptions: this.descriptions,
    };
  }

  async make(progress: (body: NeuronIndexProgress) => void): Promise<void> {
    const { model, plan, index } = this;
    if (!this.state.read) await this.readText(progress);
    if (!index) return;
    if (!this.state.finished) {
      progress({ kind: 'finishing', done: this.state.layers, of: plan.mlps.length });
      await finish({ model, plan, index, state: this.state, tables: this.tables }, this.signal, (state) => {
        this.state = state;
        progress({ kind: 'finishing', done: state.layers, of: plan.mlps.length });
      });
    }
    index.settle();
  }

  private async readText(progress: (body: NeuronIndexProgress) => void): Promise<void> {
    const begun = { at: performance.now(), tokens: this.state.tokens };
    let rows: Row[] = [];
    let size = 0;
    const commit = async (isLast: boolean): Promise<void> => {
      await this.chunk(rows, isLast);
      [rows, size] = [[], 0];
      const perSecond = ((this.state.tokens - begun.tokens) / (performance.now() - begun.at)) * 1000;
      const of = isLast ? this.state.tokens : Math.max(this.state.expected, this.state.tokens);
      progress({ kind: 'tokens', tokens: this.state.tokens, of, perSecond, msLeft: perSecond > 0 ? ((of - this.state.tokens) / perSecond) * 1000 : 0 });
    };
    for await (const row of this.reader.read(this.params.texts, this.state.position)) {
      rows.push(row);
      size += row.ids.length;
      if (size >= this.settings.chunkTokens) await commit(false);
    }
    if (rows.length === 0 && this.state.lines === 0) throw new CogscopeError('usage', 'There is no text in what is to be indexed', 'Name files with text in them', this.params.texts.map(({ path }) => path).join(', '));
    await commit(true);
  }

  private async chunk(rows: readonly Row[], isLast: boolean): Promise<void> {
    const { state, runner } = this;
    const numbered = rows.map((row, at): NumberedRow => ({ id: state.lines + at, row }));
    let [tokens, sampled] = [state.tokens, state.sampled];
    try {
      for (const pass of passesOf(numbered, this.plan)) {
        const sample = runner.sampleOf(pass, this.settings.every);
        runner.add(this.tables, pass, await runner.run(pass, sample, this.signal), sample);
        tokens += pass.rows.reduce((sum, { row }) => sum + row.scored.reduce((count, scored) => count + scored, 0), 0);
        sampled += sample.length;
      }
    } catch (error) {
      if (!(error instanceof CogscopeError) || error.code !== 'cancelled') throw error;
      throw new CogscopeError('cancelled', `Paused with ${counted(state.tokens, 'token')} of about ${counted(Math.max(state.expected, state.tokens), 'token')} indexed`, 'Start it again to go on');
    }
    const next = rows.at(-1)?.next ?? state.position;
    const made: IndexState = { ...state, position: next, tokens, sampled, lines: state.lines + rows.length, read: isLast, finished: isLast && this.plan.mlps.length === 0 };
    this.index?.commit(numbered, this.tables, made);
    this.state = made;
  }

  async close(): Promise<void> {
    this.index?.close();
    await this.runner.release();
  }
}

interface Opened {
  readonly model: IndexedModel;
  readonly plan: IndexPlan;
  readonly params: NeuronIndexParams;
  readonly settings: IndexSettings;
  readonly runner: PassRunner;
  readonly reader: RowReader;
  readonly index: NeuronIndex | undefined;
  readonly signal: AbortSignal;
  readonly descriptions: DescriptionsCarried | null;
}

function rowLength(plan: IndexPlan, asked: number | undefined): number {
  const context = plan.tower.context;
  if (plan.fixed !== null) return plan.fixed;
  if (asked !== undefined && context !== null && asked > context) throw new CogscopeError('usage', `Rows of ${asked} tokens do not fit into the model’s context of ${context}`, `Take at most ${context}`);
  return asked ?? Math.min(context ?? USUAL_LENGTH, LONGEST);
}

/** The index to go on with; undefined where there is none, or it is to be made again. Throws 'refused' where it is another one's. */
async function existing(params: NeuronIndexParams, why: (index: NeuronIndex) => string | undefined): Promise<NeuronIndex | undefined> {
  if (!NeuronIndex.exists(params.db)) return undefined;
  let index: NeuronIndex;
  try {
    index = await NeuronIndex.open(params.db, { readOnly: false });
  } catch (error) {
    // Of another version: then it may be made again. A file that is no index is not ours to delete.
    if (params.rebuild === true && error instanceof CogscopeError && error.code === 'refused') return undefined;
    throw error;
  }
  const reason = why(index);
  if (reason === undefined && params.rebuild !== true) return index;
  index.close();
  if (params.rebuild === true) return undefined;
  throw new CogscopeError('refused', reason ?? '', `Make it again with ${toIndex(' --rebuild')}, or name another file`, params.db);
}

interface Wanted {
  readonly identity: NeuronIndex['model'];
  readonly settings: IndexSettings;
  readonly texts: readonly IndexedText[];
}

/** Why an index cannot be gone on with. */
function whyAnother(index: NeuronIndex, { identity, settings, texts }: Wanted): string | undefined {
  const { model } = index;
  if (model.sha256 !== identity.sha256) return `The model changed since its index was made from ${model.name}`;
  if (model.tokenizer !== identity.tokenizer) return 'The tokenizer changed since the index was made';
  const known = index.texts;
  const changed = texts.find((text, at) => known[at]?.path === text.path && known[at].sha256 !== text.sha256);
  if (changed) return `The text ${changed.path} changed since the index was begun`;
  if (known.length !== texts.length || texts.some((text, at) => known[at]?.sha256 !== text.sha256 || known[at].field !== text.field)) return 'The index was made from another text';
  const { length, chunkTokens, every, seed } = index.settings;
  if (length !== settings.length) return `The index was made with rows of ${length} tokens`;
  return chunkTokens !== settings.chunkTokens || every !== settings.every || seed !== settings.seed ? 'The index was made with other settings' : undefined;
}
