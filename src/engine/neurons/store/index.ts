/** The index of a model's neurons: one SQLite file. */
import { renameSync, rmSync, statSync } from 'node:fs';
import { CogscopeError } from '../../../shared/errors.ts';
import type { NumberedRow } from '../passes.ts';
import { HeadState } from '../state/heads.ts';
import { MlpState } from '../state/mlp.ts';
import type { HeadLayer, MlpLayer } from '../plan.ts';
import type { ExampleTable } from '../state/examples.ts';
import { writeDescriptions } from './described.ts';
import type { StoredDescription } from './described.ts';
import type { EffectsMade } from './effects.ts';
import type { IndexedText, IndexSettings, IndexState, ModelIdentity } from './made.ts';
import { APPLICATION, SCHEMA, tables, UNITS } from './schema.ts';
import { inWords, openDatabase } from './sqlite.ts';
import type { Database } from './sqlite.ts';

/** All that is collected while an index is made. */
export interface IndexTables {
  readonly mlps: readonly MlpState[];
  readonly heads: readonly HeadState[];
}

/** What a new index begins with. */
interface Beginning {
  readonly mlps: readonly MlpLayer[];
  /** Text of each token. */
  readonly vocabulary: readonly string[];
  readonly described: readonly StoredDescription[];
}

interface Meta {
  readonly model: ModelIdentity;
  readonly settings: IndexSettings;
  readonly state: IndexState;
}

/** What makes an index, for whoever reads a sentence in the editor or at a terminal. */
export const toIndex = (options = ''): string => `"Index Neurons" in the editor or "cogscope neurons index${options}"`;

/** Pages of the log before they are written to the file once more: those of a few commits, which change mostly the same. */
const LOG_PAGES = 1 << 14;

/** What SQLite may leave beside a file: to another file of that name it would be damage. */
const logsOf = (path: string): readonly string[] => ['wal', 'shm', 'journal'].map((kind) => `${path}-${kind}`);

const bytesOf = (array: ArrayBufferView): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

export class NeuronIndex {
  readonly path: string;
  readonly database: Database;

  private constructor(path: string, database: Database) {
    this.path = path;
    this.database = database;
  }

  static exists(path: string): boolean {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat !== undefined && stat.size > 0;
  }

  /** Throws 'unreadable' where the file is no index, 'refused' where it is one of another version. */
  static async open(path: string, options: { readonly readOnly: boolean }): Promise<NeuronIndex> {
    if (!NeuronIndex.exists(path)) throw new CogscopeError('unreadable', 'There is no index', `Make it with ${toIndex()}`, path);
    const index = new NeuronIndex(path, await openDatabase(path, options));
    try {
      index.checkVersion();
      return index;
    } catch (error) {
      index.close();
      throw error;
    }
  }

  /** A new one, in place of what is there; under its name once it is whole, so that a kill leaves no file that is none. Whoever makes it holds the writer's lock. */
  static async create(path: string, meta: Meta, texts: readonly IndexedText[], collected: IndexTables, { mlps, vocabulary, described }: Beginning): Promise<NeuronIndex> {
    const fresh = `${path}-new`;
    for (const file of [fresh, ...logsOf(fresh)]) rmSync(file, { force: true });
    const index = new NeuronIndex(path, await openDatabase(fresh, { readOnly: false }));
    try {
      index.run((database) => {
        database.exec('PRAGMA page_size = 8192');
        database.exec(`BEGIN IMMEDIATE; ${tables}; PRAGMA application_id = ${APPLICATION}; PRAGMA user_version = ${SCHEMA}`);
        for (const key of ['model', 'settings'] as const) index.setMeta(key, meta[key]);
        texts.forEach(({ path: file, field, bytes, sha256 }, id) => database.prepare('INSERT INTO source VALUES (?, ?, ?, ?, ?)').run(id, file, field, bytes, sha256));
        const token = database.prepare('INSERT INTO token VALUES (?, ?)');
        vocabulary.forEach((text, id) => token.run(id, text));
        collected.mlps.forEach((state, at) => database.prepare('INSERT INTO mlp VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)').run(
          state.layer, state.neurons, mlps[at]?.activation ?? '', bytesOf(state.sum), bytesOf(state.firing), bytesOf(state.largest), bytesOf(state.low), bytesOf(state.high), bytesOf(state.histogram)));
        for (const { layer, heads } of collected.heads) database.prepare('INSERT INTO attention VALUES (?, ?)').run(layer, heads);
        writeDescriptions(database, described);
        index.setMeta('state', meta.state);
        database.exec('COMMIT');
      });
    } catch (error) {
      index.close();
      rmSync(fresh, { force: true });
      throw error;
    }
    index.close();
    for (const file of logsOf(path)) rmSync(file, { force: true });
    renameSync(fresh, path);
    const made = await NeuronIndex.open(path, { readOnly: false });
    made.writable();
    return made;
  }

  /** One that is to be gone on with. */
  writable(): void {
    this.run((database) => database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${LOG_PAGES}`));
  }

  get model(): ModelIdentity {
    return this.meta('model') as ModelIdentity;
  }

  get settings(): IndexSettings {
    return this.meta('settings') as IndexSettings;
  }

  get state(): IndexState {
    return this.meta('state') as IndexState;
  }

  /** Null until the first layer's are made. */
  get effects(): EffectsMade | null {
    return this.meta('effects') as EffectsMade | null;
  }

  get texts(): readonly IndexedText[] {
    return this.run((database) => database.prepare('SELECT path, field, bytes, sha256 FROM source ORDER BY id').all() as unknown as readonly IndexedText[]);
  }

  /** As the last commit left them. */
  tables(attention: readonly HeadLayer[]): IndexTables {
    return this.run((database) => {
      const mlps = (database.prepare('SELECT * FROM mlp ORDER BY layer').all() as unknown as readonly MlpRecord[]).map(mlpState);
      const heads = attention.map(({ layer, heads: count }) => new HeadState(layer, count));
      fill(database, 'neuron', mlps);
      fill(database, 'head', heads);
      return { mlps, heads };
    });
  }

  /** One chunk of text, whole or not at all. */
  commit(rows: readonly NumberedRow[], { mlps, heads }: IndexTables, state: IndexState): void {
    this.transaction((database) => {
      const line = database.prepare('INSERT INTO line VALUES (?, ?, ?, ?, ?, ?)');
      for (const { id, row } of rows) line.run(id, row.source, row.record, row.offset, bytesOf(row.ids), bytesOf(row.starts));
      const figures = database.prepare('UPDATE mlp SET sum = ?, firing = ?, largest = ?, histogram = ? WHERE layer = ?');
      for (const mlp of mlps) {
        figures.run(bytesOf(mlp.sum), bytesOf(mlp.firing), bytesOf(mlp.largest), bytesOf(mlp.histogram), mlp.layer);
        writeExamples(database, 'neuron', mlp);
      }
      for (const one of heads) writeExamples(database, 'head', one);
      this.setMeta('state', state);
    });
  }

  /** All of it or nothing. */
  transaction(work: (database: Database) => void): void {
    this.run((database) => {
      database.exec('BEGIN IMMEDIATE');
      try {
        work(database);
        database.exec('COMMIT');
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  setMeta(key: string, value: unknown): void {
    this.run((database) => database.prepare('INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(key, JSON.stringify(value)));
  }

  /** One file again, which can be read where nothing can be written. */
  settle(): void {
    this.run((database) => database.exec('PRAGMA journal_mode = DELETE'));
  }

  close(): void {
    this.database.close();
  }

  run<T>(work: (database: Database) => T): T {
    return inWords(this.path, () => work(this.database));
  }

  private meta(key: string): unknown {
    const found = this.run((database) => database.prepare('SELECT value FROM meta WHERE key = ?').get(key));
    return JSON.parse(String(found?.['value'] ?? 'null'));
  }

  private checkVersion(): void {
    const [application, version] = ['application_id', 'user_version'].map((name) => Number(this.run((database) => database.prepare(`PRAGMA ${name}`).get())?.[name]));
    if (application !== APPLICATION) throw new CogscopeError('unreadable', 'This is no index of neurons', 'Name another file', this.path);
    if ((version ?? 0) > SCHEMA) throw new CogscopeError('refused', 'The index was made by a newer version of Cogscope', `Update Cogscope, or make the index again with ${toIndex(' --rebuild')}`, this.path);
    if (version !== SCHEMA) throw new CogscopeError('refused', 'The index was made by an older version of Cogscope', `Make it again with ${toIndex(' --rebuild')}`, this.path);
  }
}

interface MlpRecord {
  readonly layer: number;
  readonly neurons: number;
  readonly sum: Uint8Array;
  readonly firing: Uint8Array;
  readonly largest: Uint8Array;
  readonly low: Uint8Array;
  readonly high: Uint8Array;
  readonly histogram: Uint8Array;
}

function mlpState(record: MlpRecord): MlpState {
  const floats = (bytes: Uint8Array): Float32Array => new Float32Array(bytes.slice().buffer);
  const state = new MlpState(record.layer, record.neurons, { low: floats(record.low), high: floats(record.high) });
  state.sum.set(new Float64Array(record.sum.slice().buffer));
  state.firing.set(new Float64Array(record.firing.slice().buffer));
  state.largest.set(floats(record.largest));
  state.histogram.set(new Uint32Array(record.histogram.slice().buffer));
  return state;
}

interface WithExamples {
  readonly layer: number;
  readonly examples: ExampleTable;
}

function fill(database: Database, table: 'neuron' | 'head', states: readonly (WithExamples & { restored(): void })[]): void {
  const byLayer = new Map(states.map((state) => [state.layer, state]));
  for (const { id, examples } of database.prepare(`SELECT id, examples FROM ${table}`).iterate() as Iterable<{ readonly id: number; readonly examples: Uint8Array }>) {
    byLayer.get(Math.floor(id / UNITS))?.examples.decode(id % UNITS, examples);
  }
  for (const state of states) state.restored();
}

function writeExamples(database: Database, table: 'neuron' | 'head', { layer, examples }: WithExamples): void {
  const statement = database.prepare(`INSERT INTO ${table} VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET examples = excluded.examples`);
  for (let unit = 0; unit < examples.units; unit++) {
    if (examples.changed[unit] === 0) continue;
    statement.run(layer * UNITS + unit, examples.encode(unit));
    examples.changed[unit] = 0;
  }
}
