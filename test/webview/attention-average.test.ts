/** A set of prompts in the attention panel: the mean pattern of each head with its spread, what is left out and why, cancelled, kept; held to each prompt's own run. */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { engineHandlers } from '../../src/engine/server.ts';
import type { AverageProgress } from '../../src/shared/protocol/averageApi.ts';
import { inTime } from '../lib/inTime.ts';
import { cellColour, inkColours, openAttention, runPrompt, sameColour, words } from './attentionPanel.ts';
import { number } from './comparedPanel.ts';
import { closeBrowser, THEMES } from './harness.ts';
import type { Panel, PanelOptions } from './harness.ts';
import { lookAt } from './looks.ts';
import { callsAre, holds as shows, induction, runDone, saved, shownRun, statusSays, stories } from './steps.ts';

after(closeBrowser);

/** Prompts of one length: the words of the example in turn. */
const turned = (by: number): string => {
  const list = words.split(' ');
  return [...list.slice(by % list.length), ...list.slice(0, by % list.length)].join(' ');
};
const set = [0, 1, 2, 5].map(turned);
/** Tokens of each, with the one that the tokenizer puts in front. */
const LENGTH = 14;

const section = (panel: Panel) => panel.page.locator('.prompt-set');
/** Presses the button, which nothing can be asked of until the model is there. */
const open = (panel: Panel): Promise<void> => panel.page.locator('vscode-button[aria-label="Average over a set of prompts"]:not([disabled])').click();
const press = (panel: Panel, name: string): Promise<void> => section(panel).locator('vscode-button', { hasText: name }).click();

async function average(panel: Panel, prompts: readonly string[]): Promise<void> {
  await open(panel);
  await section(panel).locator('textarea').fill(prompts.join('\n'));
  const before = await shownRun(panel);
  await press(panel, 'Average');
  await runDone(panel, before + 1);
}

async function openAverage(prompts = set, options: Partial<PanelOptions> = {}): Promise<Panel> {
  const panel = await openAttention({ model: induction, size: { width: 1100, height: 1000 }, ...options });
  await average(panel, prompts);
  return panel;
}

interface Truth {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  readonly length: number;
}

/** Mean and standard deviation of a head over each prompt's own run, in an engine of its own. */
async function truthOf(prompts: readonly string[], path = induction, [layer, head] = [1, 1]): Promise<Truth> {
  const engine = engineHandlers({ threads: 1, weightBudget: 1e9 });
  const context = { signal: new AbortController().signal, progress: () => undefined };
  await engine.open({ path, tokenizer: null }, context);
  const tiles: Float32Array[] = [];
  let length = 0;
  for (const text of prompts) {
    const { run } = await engine.run({ prompt: { kind: 'text', text, special: true }, patterns: true }, context);
    const tile = await engine.patternTile({ run, tower: '', attention: 'self', layer, head, row: 0, rows: 999, col: 0, cols: 999 }, context);
    tiles.push(tile.values);
    length = tile.rows;
  }
  const cells = Array.from({ length: length * length }, (_, cell) => tiles.map((tile) => tile[cell] ?? NaN));
  const mean = cells.map((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
  return { mean, length, deviation: cells.map((values, cell) => Math.sqrt(values.reduce((sum, value) => sum + (value - (mean[cell] ?? NaN)) ** 2, 0) / (values.length - 1))) };
}

async function csv(panel: Panel): Promise<readonly (readonly string[])[]> {
  const { content } = await saved(panel, 'CSV');
  return content.trim().split('\r\n').map((line) => line.split(','));
}

/** Every cell of an opened head's CSV is that of the truth. */
function holds([titles, ...lines]: readonly (readonly string[])[], { mean, deviation, length }: Truth): void {
  assert.deepEqual(titles?.slice(-2), ['mean', 'standard_deviation']);
  assert.equal(lines.length, length ** 2);
  for (const line of lines) {
    const cell = Number(line[1]) * length + Number(line[3]);
    if (Number(line[3]) > Number(line[1])) assert.deepEqual(line.slice(-2), ['', ''], `${line.join()} is masked`);
    else assert.ok(Math.abs(Number(line.at(-2)) - (mean[cell] ?? NaN)) < 1e-6 && Math.abs(Number(line.at(-1)) - (deviation[cell] ?? NaN)) < 1e-6, `${line.join()}, where the runs say ${mean[cell]} and ${deviation[cell]}`);
  }
}

suite('a set of prompts', () => {
  test('the grid, the opened head, its words and its numbers are the mean and the standard deviation over each prompt’s own run', async () => {
    const panel = await openAverage();
    const truth = await truthOf(set);
    await section(panel).locator('text=mean over 4 prompts, position by position · 14 tokens each').waitFor();
    await panel.page.locator('.legend', { hasText: 'mean over 4 prompts' }).waitFor();
    const colours = await inkColours(panel);
    for (const [row, col] of [[3, 2], [8, 0], [9, 2], [13, 7]] as const) sameColour(await cellColour(panel, { layer: 1, head: 1, row, col, length: LENGTH }), colours(Math.sqrt(truth.mean[row * LENGTH + col] ?? NaN)), `${row} to ${col}`);
    const grid = await csv(panel);
    const sent = grid.find((line) => line[0] === 'L1H1' && line[1] === '9' && line[3] === '2');
    assert.ok(sent && Math.abs(Number(sent.at(-2)) - (truth.mean[9 * LENGTH + 2] ?? NaN)) < 1e-6 && Math.abs(Number(sent.at(-1)) - (truth.deviation[9 * LENGTH + 2] ?? NaN)) < 1e-6, sent?.join());
    await panel.screenshot('attention-average-grid');
    await panel.page.locator('[data-address=L1H1]').dblclick();
    await panel.page.locator('.matrix-canvas').waitFor();
    holds(await csv(panel), truth);
    await panel.page.locator('.matrix-body').focus();
    await panel.page.keyboard.press('Home');
    const line = await statusSays(panel, /@13 attends to .*@0 · \S+ · mean over 4 prompts, standard deviation \S+$/);
    const [, mean, deviation] = /· (\S+) · mean over 4 prompts, standard deviation (\S+)$/.exec(line) ?? [];
    for (const [told, expected] of [[mean, truth.mean[13 * LENGTH]], [deviation, truth.deviation[13 * LENGTH]]] as const) assert.ok(Math.abs(number(told ?? '') - (expected ?? NaN)) <= (expected ?? NaN) * 0.006, `${line}, where the runs say ${expected}`);
    // The first token is the same in all; the others are named by the most frequent ones.
    assert.match(line, /<bos> @0/);
    assert.match(line, /\S+\/\S+\/… @13/);
    assert.equal(panel.callsOf('headWrites').length, 0, 'a mean writes nothing');
    await panel.screenshot('attention-average-head');
    await panel.page.keyboard.press('t');
    await panel.page.locator('.table-note', { hasText: `${(LENGTH * (LENGTH + 1)) / 2} rows` }).waitFor();
    assert.deepEqual(await panel.page.locator('.table-heads .table-sort').allInnerTexts(), ['Head', 'Destination', 'Source', 'Mean', 'Standard deviation']);
    const rows = await panel.page.locator('.table-rows .table-row').evaluateAll((found) => found.map((row) => [...row.children].map((cell) => cell.textContent)));
    assert.ok(rows.length > 5, `${rows.length} rows are seen`);
    for (const [, dest = '', source = '', toldMean = '', toldDeviation = ''] of rows) {
      const cell = Number.parseInt(dest, 10) * LENGTH + Number.parseInt(source, 10);
      assert.ok(Math.abs(number(toldMean) - (truth.mean[cell] ?? NaN)) <= 5.1e-5 && Math.abs(number(toldDeviation) - (truth.deviation[cell] ?? NaN)) <= 5.1e-5, `${dest} to ${source}: ${toldMean} ± ${toldDeviation}, where the runs say ${truth.mean[cell]} ± ${truth.deviation[cell]}`);
    }
    await panel.screenshot('attention-average-table');
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('prompts of other lengths and one too long are left out, named by their number with why', async () => {
    const panel = await openAverage([set[0] ?? '', 'cat milk door', set[1] ?? '', 'cat '.repeat(100), set[2] ?? '']);
    await section(panel).locator('text=mean over 3 prompts').waitFor();
    await section(panel).locator('summary', { hasText: '2 prompts left out' }).click();
    const rows = await section(panel).locator('.set-left li').evaluateAll((items) => items.map((item) => [...item.children].map((part) => part.textContent)));
    assert.deepEqual(rows.map(([at]) => at), ['2', '4']);
    assert.deepEqual(rows[0]?.slice(1), ['cat milk door', '4 tokens, not 14']);
    assert.match(rows[1]?.[2] ?? '', /101 tokens and the model’s context holds 64/);
    await panel.page.locator('[data-address=L1H1]').dblclick();
    await panel.page.locator('.matrix-canvas').waitFor();
    holds(await csv(panel), await truthOf([0, 1, 2].map((at) => set[at] ?? '')));
    await panel.screenshot('attention-average-left-out');
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('an empty set cannot be averaged; one that cannot be run is refused in a sentence; one prompt has no spread', async () => {
    const panel = await openAttention({ model: induction });
    await open(panel);
    const disabled = section(panel).locator('vscode-button[disabled]', { hasText: 'Average' });
    await disabled.waitFor();
    await section(panel).locator('textarea').fill('cat');
    await disabled.waitFor({ state: 'detached' });
    await section(panel).locator('textarea').fill('\n   \n');
    await disabled.waitFor();
    await section(panel).locator('textarea').fill('cat '.repeat(100));
    await press(panel, 'Average');
    await section(panel).locator('.set-problem', { hasText: 'None of the 1 prompt can be run: The prompt has 101 tokens' }).waitFor();
    await section(panel).locator('textarea').fill('cat milk');
    await press(panel, 'Average');
    await section(panel).locator('text=mean over 1 prompt').waitFor();
    await section(panel).locator('.set-problem').waitFor({ state: 'hidden' });
    await panel.page.locator('[data-address=L0H0]').dblclick();
    await statusSays(panel, /· mean over 1 prompt$/);
    assert.deepEqual((await csv(panel)).slice(1).map((line) => line.at(-1)).filter((text) => text !== ''), []);
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('a cancel keeps the mean over the prompts that were run, says how many, and they can be looked at', async () => {
    const many = Array.from({ length: 40 }, (_, at) => turned(at));
    const panel = await openAttention({
      model: induction, size: { width: 1100, height: 1000 },
      // The engine is held while it is at the sixth prompt, until the panel cancels.
      handlers: (real) => ({
        averagePatterns: async (params, context) => {
          const held = new AbortController();
          const cancelled = new Promise<void>((resolve) => context.signal.addEventListener('abort', () => resolve()));
          const progress = (body: unknown): void => {
            context.progress(body);
            if ((body as AverageProgress).kind === 'prompt' && (body as { readonly done: number }).done === 5) held.abort();
          };
          try {
            return await real.averagePatterns(params, { signal: held.signal, progress });
          } catch (stopped) {
            await cancelled;
            throw stopped;
          }
        },
      }),
    });
    await open(panel);
    await section(panel).locator('textarea').fill(many.join('\n'));
    await press(panel, 'Average');
    await panel.page.locator('.toolbar-progress', { hasText: 'prompt 6 of 40' }).waitFor();
    await section(panel).locator('text=mean over 4 of 40 prompts').waitFor();
    await panel.page.locator('vscode-button[aria-label=Cancel]').click();
    await panel.page.locator('.toolbar-progress', { hasText: 'cancelled after 5 of 40 prompts' }).waitFor();
    await section(panel).locator('text=mean over 5 of 40 prompts').waitFor();
    await panel.page.locator('[data-address=L1H1]').dblclick();
    await statusSays(panel, /mean over 5 prompts/);
    holds(await csv(panel), await truthOf(many.slice(0, 5)));
    await panel.screenshot('attention-average-cancelled');
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('a file’s prompts are taken in place of what is typed, and what is no prompt in it is said', async () => {
    const file = { name: 'data/prompts.jsonl', prompts: set, unread: 2, beyond: 0 };
    let answer: typeof file | null = null;
    const panel = await openAttention({ model: induction, handlers: () => ({ pickPrompts: () => answer }) });
    await open(panel);
    await press(panel, 'Choose a file');
    await callsAre(panel, 'pickPrompts', [{}]);
    await section(panel).locator('textarea').fill('cat milk');
    answer = file;
    await press(panel, 'Choose a file');
    await section(panel).locator('.set-file', { hasText: 'data/prompts.jsonl' }).waitFor();
    await section(panel).locator('.set-file', { hasText: '4 prompts · 2 lines without a prompt' }).waitFor();
    await press(panel, 'Average');
    await section(panel).locator('text=mean over 4 prompts').waitFor();
    await section(panel).locator('vscode-button[aria-label="Do not use data/prompts.jsonl"]').click();
    await shows(section(panel).locator('textarea'), 'cat milk');
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('the prompt alone and the mean by control and key; a run of the prompt shows it; a reload makes the mean again; Escape leaves', async () => {
    const panel = await openAttention({ model: induction, size: { width: 1100, height: 1000 } });
    await runPrompt(panel, words);
    await average(panel, set);
    const showing = (one: Panel, what: string): Promise<void> => one.page.locator('.prompt-set .compare-choice[aria-pressed=true]', { hasText: what }).waitFor();
    await showing(panel, 'Mean');
    await section(panel).locator('.compare-choice', { hasText: 'Prompt' }).click();
    await panel.page.locator('.predictions-list li').first().waitFor();
    await panel.page.locator('.heads').first().click({ position: { x: 2, y: 2 } });
    await panel.page.keyboard.press('m');
    await panel.page.locator('.legend', { hasText: 'mean over 4 prompts' }).waitFor();
    await panel.page.locator('.predictions', { hasText: 'A mean over prompts predicts nothing' }).waitFor();
    const state = await panel.keptState();
    await runPrompt(panel, 'cat milk door');
    await showing(panel, 'Prompt');
    const again = await openAttention({ model: induction, size: { width: 1100, height: 1000 }, state });
    await section(again).locator('text=mean over 4 prompts').waitFor();
    await showing(again, 'Mean');
    await again.page.keyboard.press('m');
    await again.page.locator('.predictions-list li').first().waitFor();
    await section(again).locator('textarea').press('Escape');
    await section(again).waitFor({ state: 'hidden' });
    await inTime(async () => assert.equal(await again.page.locator('.prompt .token').count(), LENGTH));
    assert.deepEqual([...panel.problems, ...again.problems], []);
    await panel.close();
    await again.close();
  });

  test('of more tokens than are sent whole, every cell of an opened head has its mean and its spread', async () => {
    const prompts = ['dog', 'cat', 'red'].map((what) => `${`Once upon a time there was a little girl and she had a big ${what}. `.repeat(6)}The end.`);
    const panel = await openAttention({ model: stories, size: { width: 1100, height: 1000 } });
    await average(panel, prompts);
    await panel.page.locator('[data-address=L0H5]').dblclick();
    const truth = await truthOf(prompts, stories, [0, 5]);
    assert.ok(truth.length > 64, `${truth.length} tokens`);
    holds(await csv(panel), truth);
    await panel.screenshot('attention-average-long');
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('token ids, a prompt a line, where a model has no tokenizer; a line that is none is named', async () => {
    const panel = await openAttention({ model: 'gpt2-sdpa-20' });
    await average(panel, ['5, 6, 7', '8 9 10', '1, 2']);
    await section(panel).locator('text=mean over 2 prompts').waitFor();
    await section(panel).locator('textarea').fill('5, 6\n7, dog');
    await press(panel, 'Average');
    await section(panel).locator('.set-problem', { hasText: 'Prompt 2: ' }).waitFor();
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  for (const theme of THEMES) {
    test(`every control can be used in ${theme}`, async () => {
      const panel = await openAverage([...set, 'cat milk door'], { theme });
      await section(panel).locator('summary').click();
      await panel.page.locator('[data-address=L1H1]').dblclick();
      await panel.page.locator('.matrix-canvas').waitFor();
      await lookAt(panel, 'attention-average', theme, { whole: '.matrix, .prompt-set *' });
      await panel.close();
    });
  }
});
