/** An index that is looked things up in. Everything but words of descriptions is found by a primary key, so that its size does not matter. */
import { statSync } from 'node:fs';
import { CogscopeError } from '../../../shared/errors.ts';
import type { NeuronIndexInfo } from '../../../shared/neurons/figures.ts';
import { NeuronIndex } from '../store/index.ts';
import type { EffectsMade } from '../store/effects.ts';
import type { Statement } from '../store/sqlite.ts';
import type { IndexState, ModelIdentity } from '../store/made.ts';
import { UNITS } from '../store/schema.ts';

export interface StoredLine {
  readonly id: number;
  readonly file: string;
  readonly record: number;
  readonly offset: number;
  readonly ids: Uint32Array;
  /** Where each token begins, in UTF-16 units from {@link offset}. */
  readonly starts: Uint32Array;
}

/** Rows that are kept, for who reads a whole index. */
const KEPT_LINES = 1 << 14;

type Found = Readonly<Record<string, Cell>>;

export type Cell = string | number | Uint8Array | null;

/** Little-endian numbers out of SQLite, which may begin anywhere in its memory. */
export const uint32 = (bytes: Uint8Array): Uint32Array => new Uint32Array(bytes.slice().buffer);
export const float32 = (bytes: Uint8Array): Float32Array => new Float32Array(bytes.slice().buffer);
export const float64 = (bytes: Uint8Array): Float64Array => new Float64Array(bytes.slice().buffer);

export class IndexReader {
  private readonly index: NeuronIndex;
  readonly state: IndexState;
  private readonly files: readonly string[];
  private readonly statements = new Map<string, Statement>();
  private readonly tokens = new Map<number, string>();
  private readonly lines = new Map<number, StoredLine | undefined>();

  private constructor(index: NeuronIndex) {
    this.index = index;
    this.state = index.state;
    this.files = index.texts.map(({ path }) => path);
  }

  /** Opens an index for as long as `work` takes; throws as {@link NeuronIndex.open} does. */
  static async use<T>(path: string, work: (reader: IndexReader) => T | Promise<T>): Promise<T> {
    const index = await NeuronIndex.open(path, { readOnly: true });
    try {
      return await work(new IndexReader(index));
    } finally {
      index.close();
    }
  }

  get model(): ModelIdentity {
    return this.index.model;
  }

  get effects(): EffectsMade | null {
    return this.index.effects;
  }

  get info(): NeuronIndexInfo {
    const { state, index } = this;
    const total = (table: 'mlp' | 'attention', column: 'neurons' | 'heads'): number => Number(this.one(`SELECT coalesce(sum(${column}), 0) AS total FROM ${table}`)?.['total']);
    return {
      model: index.model.name, finished: state.finished, tokens: state.tokens, expected: state.expected, rows: state.lines, texts: this.files,
      layers: Number(this.one('SELECT count(*) AS layers FROM mlp')?.['layers']), neurons: total('mlp', 'neurons'), heads: total('attention', 'heads'),
      bytes: statSync(index.path).size,
    };
  }

  one(sql: string, ...values: readonly (string | number)[]): Found | undefined {
    return this.index.run(() => this.statement(sql).get(...values)) as Found | undefined;
  }

  all(sql: string, ...values: readonly (string | number)[]): readonly Found[] {
    return this.index.run(() => this.statement(sql).all(...values)) as readonly Found[];
  }

  /** What is kept of a unit's examples; undefined where it has none. */
  examples(table: 'neuron' | 'head', layer: number, unit: number): Uint8Array | undefined {
    return this.one(`SELECT examples FROM ${table} WHERE id = ?`, layer * UNITS + unit)?.['examples'] as Uint8Array | undefined;
  }

  /** A token's text, as the index has it without a tokenizer. */
  token(id: number): string {
    const known = this.tokens.get(id) ?? String(this.one('SELECT text FROM token WHERE id = ?', id)?.['text'] ?? `[${id}]`);
    this.tokens.set(id, known);
    return known;
  }

  /** A row of the text. Throws 'unreadable' where the index lacks it. */
  line(id: number): StoredLine {
    const line = this.lines.get(id) ?? this.readLine(id);
    if (!line) throw new CogscopeError('unreadable', 'The index is damaged', 'Delete the file and make the index again', this.index.path, `row ${id} is missing`);
    if (this.lines.size >= KEPT_LINES) this.lines.clear();
    this.lines.set(id, line);
    return line;
  }

  private statement(sql: string): Statement {
    const known = this.statements.get(sql) ?? this.index.database.prepare(sql);
    this.statements.set(sql, known);
    return known;
  }

  private readLine(id: number): StoredLine | undefined {
    const found = this.one('SELECT source, record, offset, ids, starts FROM line WHERE id = ?', id);
    return found && {
      id, file: this.files[Number(found['source'])] ?? '', record: Number(found['record']), offset: Number(found['offset']),
      ids: uint32(found['ids'] as Uint8Array), starts: uint32(found['starts'] as Uint8Array),
    };
  }
}
