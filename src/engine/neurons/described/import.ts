/** Takes a list of descriptions into an index, whole or not at all. */
import { stat } from 'node:fs/promises';
import { CogscopeError } from '../../../shared/errors.ts';
import { bytes } from '../../../shared/format.ts';
import type { DescriptionsImported } from '../../../shared/neurons/described.ts';
import { NeuronIndex } from '../store/index.ts';
import { replaceDescriptions } from '../store/described.ts';
import { WriterLock } from '../store/lock.ts';
import { UNITS } from '../store/schema.ts';
import { textBlocks } from '../text/decode.ts';
import { readList } from './readList.ts';
import type { DescribedNeuron } from './readList.ts';

/** A list is read whole, and takes some thirteen times its bytes meanwhile where its descriptions are short. */
const LARGEST = 1 << 27;

/** What the same sources said before is replaced. Throws 'unreadable' for what is no list, 'usage' for a neuron that the index does not have. */
export async function importDescriptions(db: string, path: string): Promise<DescriptionsImported> {
  const list = await listAt(path);
  const lock = await WriterLock.take(db);
  try {
    const index = await NeuronIndex.open(db, { readOnly: false });
    try {
      checkNeurons(index, list, path);
      const replaced = replaceDescriptions(index, list);
      return { neurons: new Set(list.map(({ layer, neuron }) => layer * UNITS + neuron)).size, descriptions: list.length, sources: [...new Set(list.map(({ source }) => source))], replaced };
    } finally {
      index.close();
    }
  } finally {
    lock.release();
  }
}

async function listAt(path: string): Promise<readonly DescribedNeuron[]> {
  const size = await stat(path).then((found) => found.size, (error: unknown) => {
    throw new CogscopeError('unreadable', 'The list of descriptions cannot be opened', 'Check the path, and that you may read it', path, String(error));
  });
  if (size > LARGEST) throw new CogscopeError('refused', `The list of descriptions has ${bytes(size)}, and ${bytes(LARGEST)} are read at most`, 'Cut it into several', path);
  let content = '';
  for await (const block of textBlocks(path)) content += block;
  return readList(content, path);
}

function checkNeurons(index: NeuronIndex, list: readonly DescribedNeuron[], path: string): void {
  const sizes = new Map(index.run((database) => database.prepare('SELECT layer, neurons FROM mlp').all()).map((row) => [Number(row['layer']), Number(row['neurons'])]));
  for (const { layer, neuron, entry } of list) {
    const size = sizes.get(layer);
    if (size === undefined) throw new CogscopeError('usage', `Entry ${entry} of the list is of layer ${layer}, of which the index has no neurons`, 'Name a list for this model', path);
    if (neuron >= size) throw new CogscopeError('usage', `Entry ${entry} of the list is of L${layer}N${neuron}, and layer ${layer} has ${size} neurons`, 'Name a list for this model', path);
  }
}
