/** The token that a decoder starts with: Hugging Face's configuration beside the model names it. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const files: readonly string[] = ['generation_config.json', 'config.json'];

/** Looked for beside the model and one folder up, as tokenizers are. */
export function decoderStart(model: string): number | null {
  const folders = [dirname(model), dirname(dirname(model))];
  for (const path of folders.flatMap((folder) => files.map((file) => join(folder, file)))) {
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
