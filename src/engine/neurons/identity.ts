/** What tells one model from another, wherever its files lie: all of their bytes. */
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { IndexedModel } from './plan.ts';
import type { ModelIdentity } from './store/made.ts';

/** Reads every byte once; throws 'changed' where the model is no longer what was opened. */
export async function identityOf({ model, tokenizer }: Pick<IndexedModel, 'model' | 'tokenizer'>): Promise<ModelIdentity> {
  const hash = createHash('sha256');
  for (const path of model.dataFiles) await addFile(hash, path);
  model.assertUnchanged();
  const words = createHash('sha256');
  await addFile(words, tokenizer.path);
  return { sha256: hash.digest('hex'), tokenizer: words.digest('hex'), name: basename(model.path) };
}

async function addFile(hash: Hash, path: string): Promise<void> {
  for await (const block of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(block as Uint8Array);
}
