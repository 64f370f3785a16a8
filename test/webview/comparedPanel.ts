/** The attention panel with two prompts: opened, compared, and what each prompt's run alone says. */
import { engineHandlers } from '../../src/engine/server.ts';
import type { PatternTile } from '../../src/shared/protocol/engineApi.ts';
import { openAttention, runPrompt, words } from './attentionPanel.ts';
import type { Panel, PanelOptions } from './harness.ts';
import { induction, runDone, shownRun } from './steps.ts';

/** Of `words` the second "cat" is changed, the second "piano" left out, and "rain" put in at the end. */
export const other = 'cat milk door piano snow wolf bread dog milk door snow wolf rain';
/** Positions of both in order, as a person would align them; the first token is the one that the tokenizer puts in front. */
export const aligned: readonly (readonly [number | null, number | null])[] = [
  ...Array.from({ length: 11 }, (_, at) => [at, at] as const), [11, null], [12, 11], [13, 12], [null, 13],
];

export async function compareWith(panel: Panel, text: string): Promise<void> {
  await panel.page.locator('vscode-button[aria-label="Compare with another prompt"]').click();
  await compareAnew(panel, text);
}

/** Types another second prompt, and waits until that one has been compared. */
export async function compareAnew(panel: Panel, text: string): Promise<void> {
  await panel.page.locator('.compare textarea').fill(text);
  const before = await shownRun(panel);
  await panel.page.locator('.compare vscode-button', { hasText: 'Compare' }).click();
  await runDone(panel, before + 1);
  await compared(panel);
}

export const compared = (panel: Panel): Promise<void> => panel.page.locator('.compare-choice', { hasText: 'Difference' }).waitFor();

export async function openCompared(text = other, options: Partial<PanelOptions> = {}): Promise<Panel> {
  const panel = await openAttention({ model: induction, size: { width: 1100, height: 1000 }, ...options });
  await runPrompt(panel, words);
  await compareWith(panel, text);
  return panel;
}

/** A head's pattern of a prompt alone, from an engine of its own. */
export async function patternOf(text: string, path = induction, [layer, head] = [1, 1]): Promise<PatternTile> {
  const engine = engineHandlers({ threads: 1, weightBudget: 1e9 });
  const context = { signal: new AbortController().signal, progress: () => undefined };
  await engine.open({ path, tokenizer: null }, context);
  const { run } = await engine.run({ prompt: { kind: 'text', text, special: true }, patterns: true }, context);
  return engine.patternTile({ run, tower: '', attention: 'self', layer, head, row: 0, rows: 999, col: 0, cols: 999 }, context);
}

export const at = (tile: PatternTile, row: number, col: number): number => tile.values[row * tile.cols + col] ?? NaN;
export const show = (panel: Panel, picture: string): Promise<void> => panel.page.locator('.compare-choice', { hasText: picture }).click();
export const number = (text: string): number => Number(text.replaceAll('−', '-'));
