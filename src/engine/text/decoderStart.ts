/** The token that a decoder starts with: Hugging Face's configuration by the model names it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { foldersBeside } from '../beside.ts';

const files: readonly string[] = ['generation_config.json', 'config.json'];

/** The nearest that names one. */
export function decoderStart(model: string): number | null {
  for (const path of foldersBeside(model).flatMap((folder) => files.map((file) => join(folder, file)))) {
    const id = read(path);
    if (id !== null) return id;
  }
  return null;
}

/** Null where there is no such file, or it names no token. */
function read(path: string): number | null {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const id = typeof parsed === 'object' && parsed !== null && 'decoder_start_token_id' in parsed ? parsed.decoder_start_token_id : null;
    return typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 ? id : null;
  } catch {
    // A missing or damaged configuration names nothing.
    return null;
  }
}
