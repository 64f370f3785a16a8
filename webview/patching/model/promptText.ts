/** A prompt as it is typed, and back: text, or token ids. */
import type { PromptSource } from '../../../src/shared/experiment/experiment.ts';
import { parseIds } from '../../lib/text/ids.ts';

export const promptText = (source: PromptSource): string => (typeof source === 'string' ? source : source.join(', '));

/** Null where ids cannot be read. */
export function promptOf(text: string, ids: boolean): PromptSource | null {
  if (!ids) return text;
  const parsed = parseIds(text);
  return parsed.ok ? parsed.values : null;
}
