/** How much room the labels of an axis take. */
import type { TokenInfo } from '../../../src/shared/protocol/engineApi.ts';
import { visibleText } from '../../../src/shared/visible.ts';

const LEAST = 76;
const MOST = 112;
/** Air before and behind a label; it is bold under the cursor. */
const AIR = 18;

let context: CanvasRenderingContext2D | null | undefined;
const measured = new WeakMap<readonly TokenInfo[], number>();

/** CSS pixels for the longest token, within bounds; a longer one is cut and shown whole under the cursor. */
export function labelRoom(tokens: readonly TokenInfo[]): number {
  const known = measured.get(tokens);
  if (known !== undefined) return known;
  context ??= document.createElement('canvas').getContext('2d');
  if (!context) return MOST;
  context.font = `12px ${getComputedStyle(document.body).getPropertyValue('--vscode-editor-font-family') || 'monospace'}`;
  let longest = 0;
  const position = ` @${tokens.length - 1}`;
  for (const token of tokens) longest = Math.max(longest, context.measureText(visibleText(token.text) + position).width);
  const room = Math.round(Math.min(Math.max(longest + AIR, LEAST), MOST));
  measured.set(tokens, room);
  return room;
}
