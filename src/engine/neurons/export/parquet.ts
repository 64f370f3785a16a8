/** An index as Parquet, a row a neuron: figures as columns, what is nested as JSON in them. Written in groups of rows, so that it need not fit into memory. */
import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import type { BasicType } from 'hyparquet-writer';
import type { IndexReader } from '../read/reader.ts';
import { allNeurons } from './everything.ts';
import type { ExportedNeuron } from './everything.ts';

interface Column {
  readonly name: string;
  readonly type: BasicType;
  readonly of: (neuron: ExportedNeuron) => unknown;
}

const columns: readonly Column[] = [
  { name: 'address', type: 'STRING', of: ({ address }) => address },
  { name: 'layer', type: 'INT32', of: ({ layer }) => layer },
  { name: 'neuron', type: 'INT32', of: ({ neuron }) => neuron },
  { name: 'firing_rate', type: 'DOUBLE', of: ({ firingRate }) => firingRate },
  { name: 'mean', type: 'DOUBLE', of: ({ mean }) => mean },
  { name: 'max', type: 'DOUBLE', of: ({ max }) => max },
  { name: 'dead', type: 'BOOLEAN', of: ({ dead }) => dead },
  { name: 'dense', type: 'BOOLEAN', of: ({ dense }) => dense },
  { name: 'meanings', type: 'INT32', of: ({ meanings }) => meanings },
  { name: 'sure', type: 'DOUBLE', of: ({ sure }) => sure },
  { name: 'histogram', type: 'JSON', of: ({ histogram }) => histogram },
  { name: 'readings', type: 'JSON', of: ({ readings }) => readings },
  { name: 'output_tokens', type: 'JSON', of: ({ outputTokens }) => outputTokens },
  { name: 'described', type: 'JSON', of: ({ described }) => described },
  { name: 'examples', type: 'JSON', of: ({ examples }) => examples },
];

/** Rows of a group. */
const GROUP = 512;

/** What the file says of itself besides. */
const facts = (reader: IndexReader): { readonly key: string; readonly value: string }[] => [
  { key: 'cogscope.model', value: JSON.stringify(reader.model) }, { key: 'cogscope.tokens', value: String(reader.info.tokens) }, { key: 'cogscope.finished', value: String(reader.info.finished) },
];

/** `told` hears of each neuron. */
export function* parquetParts(reader: IndexReader, told: () => void): Generator<Uint8Array> {
  const bytes = new ByteWriter();
  const schema = schemaFromColumnData({ columnData: columns.map(({ name, type }) => ({ name, type, data: [] })) });
  const writer = new ParquetWriter({ writer: bytes, schema, kvMetadata: facts(reader), createdBy: 'cogscope' });
  let group: ExportedNeuron[] = [];
  const write = (): void => {
    void writer.write({ columnData: columns.map(({ name, type, of }) => ({ name, type, data: group.map(of) })), rowGroupSize: GROUP });
    group = [];
  };
  for (const neuron of allNeurons(reader)) {
    group.push(neuron);
    told();
    if (group.length < GROUP) continue;
    write();
    yield taken(bytes);
  }
  if (group.length > 0) write();
  void writer.finish();
  yield taken(bytes);
}

/** What is written so far, which then need not be kept. */
function taken(bytes: ByteWriter): Uint8Array {
  const part = bytes.getBytes().slice();
  bytes.index = 0;
  return part;
}
