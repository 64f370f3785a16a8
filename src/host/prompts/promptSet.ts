/** All prompts of a file's text, as many as a set may have. Pure. */
import { MOST_PROMPTS } from '../../shared/protocol/averageApi.ts';
import type { PromptSet } from '../../shared/protocol/panelApi.ts';
import { promptOf } from './promptLine.ts';

export function promptSet(name: string, text: string, isJson: boolean): PromptSet {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/).filter((line) => line.trim() !== '');
  const prompts = lines.flatMap((line) => promptOf(line, isJson)?.text ?? []);
  return { name, prompts: prompts.slice(0, MOST_PROMPTS), unread: lines.length - prompts.length, beyond: Math.max(prompts.length - MOST_PROMPTS, 0) };
}
