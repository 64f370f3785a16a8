/** The lens panel on the example of stories, with the engine's own answers: states as tokens, a logit as a sum, keyboard, themes, bad input. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { CogscopeError } from '../../src/shared/errors.ts';
import type { Attribution, Lens } from '../../src/shared/protocol/lensApi.ts';
import { inTime } from '../lib/inTime.ts';
import { axeViolations } from './axe.ts';
import { closeBrowser, openPanel, THEMES } from './harness.ts';
import type { Panel, PanelOptions } from './harness.ts';
import { callsAre, holds, later, root, saved, shownRun, statusSays, stories } from './steps.ts';

after(closeBrowser);

const PROMPT = 'Lily and Ben went to the park. Ben gave a ball to';

const open = (options: Partial<PanelOptions> = {}): Promise<Panel> => openPanel('lens', { model: stories, size: { width: 1200, height: 900 }, ...options });

async function run(panel: Panel, prompt: string, target = '', distractor = ''): Promise<void> {
  await panel.page.locator('.ask-area textarea').fill(prompt);
  await panel.page.locator('.ask-token input').nth(0).fill(target);
  await panel.page.locator('.ask-token input').nth(1).fill(distractor);
  const before = await shownRun(panel);
  await panel.page.keyboard.press('Control+Enter');
  await panel.page.waitForFunction((serial) => {
    const [number, phase] = (document.querySelector<HTMLElement>('.toolbar-progress')?.dataset['run'] ?? '').split(' ');
    return (Number(number) > serial && phase !== 'running') || document.querySelector('.ask-problem')?.textContent !== '';
  }, before);
}

/** Runs, and waits for the sum of the logit. */
async function takeApart(panel: Panel, prompt: string, target: string, distractor = ''): Promise<void> {
  await run(panel, prompt, target, distractor);
  await panel.page.locator('.parts-table tbody tr').first().waitFor();
}

/** The panel's handlers, with what the engine answered. */
function recorded(): { readonly handlers: NonNullable<PanelOptions['handlers']>; readonly lenses: Lens[]; readonly parts: Attribution[] } {
  const [lenses, parts]: [Lens[], Attribution[]] = [[], []];
  return {
    lenses, parts,
    handlers: (real) => ({
      lens: async (params, context) => lenses[lenses.push(await real.lens(params, context)) - 1] as Lens,
      attribution: async (params, context) => parts[parts.push(await real.attribution(params, context)) - 1] as Attribution,
    }),
  };
}

suite('the lens', () => {
  test('each state of each position shows its first token and number; the last row is what the model predicts', async () => {
    const { handlers, lenses } = recorded();
    const panel = await open({ handlers });
    await run(panel, PROMPT);
    const [lens] = lenses;
    assert.ok(lens);
    const { frame, rows } = lens;
    const rowsShown = () => panel.page.locator('.states-row:not(.states-head)').evaluateAll((all) => all.map((row) => [...row.querySelectorAll('.states-cell')].map((cell) => [Number(cell.getAttribute('aria-colindex')) - 2, cell.querySelector('.states-number')?.textContent ?? ''] as const)));
    await inTime(async () => {
      const shown = await rowsShown();
      assert.equal(shown.length, frame.states.length);
      assert.ok(shown.every((row) => row.length > 5 && row.length < frame.positions.length), 'only what is seen is in the document');
      shown.forEach((row, state) => assert.deepEqual(row, row.map(([column]) => [column, `${(100 * (rows[state]?.probabilities[column * frame.top] ?? NaN)).toFixed(1)}%`.replace('100.0', '100')]), frame.states[state]?.address));
    });
    await statusSays(panel, /after .* · .*entropy [\d.]+ nats · norm [\d.]+$/);
    await inTime(async () => assert.equal(await panel.page.locator('.cell-top .predictions-row').count(), 10, 'ten tokens of the selected state'));
    await panel.page.locator('.parts', { hasText: 'Type a token above' }).waitFor();
    assert.deepEqual(panel.problems, []);
    await panel.screenshot('lens');
    await panel.close();
  });

  test('a difference of two tokens: where the token stands, and parts that add up to the logits, with the remainder shown', async () => {
    const { handlers, lenses, parts } = recorded();
    const panel = await open({ handlers });
    await takeApart(panel, PROMPT, ' Lily', ' Ben');
    const [attribution] = parts;
    assert.ok(attribution && lenses[0]);
    const said = (await panel.page.locator('.parts-check').innerText()).replaceAll('−', '-');
    const [, sum, remainder, logit] = (/parts (-?[\d.]+) \+ remainder (-?[\d.e-]+) = difference of logits (-?[\d.]+)/.exec(said) ?? []).map(Number);
    assert.ok(Math.abs((logit ?? NaN) - (attribution.logit[0] ?? NaN)) < 1e-4 && Math.abs((sum ?? NaN) + (remainder ?? NaN) - (logit ?? NaN)) < 2e-4, said);
    assert.match(said, /rounding explains up to .*raw weights · final norm divides by [\d.]+, frozen/s);
    for (const [grouping, words] of [['layer', 'by layer'], ['kind', 'by kind'], ['part', 'each part, largest first']] as const) {
      await panel.page.locator('.parts-grouping').click();
      await panel.page.locator('.parts-grouping vscode-option', { hasText: words }).click();
      await holds(panel.page.locator('.parts-grouping'), grouping);
      await panel.heard();
      await inTime(async () => {
        const values = (await panel.page.locator('.parts-table tbody td.number').evaluateAll((cells) => cells.map((cell) => (cell as HTMLElement).title))).map((text) => Number(text.replaceAll('−', '-')));
        const total = values.reduce((all, one) => all + one, 0);
        assert.ok(Math.abs(total - (sum ?? NaN)) < 1e-3, `${grouping}: ${values.length} parts add up to ${total}, not ${sum}`);
      });
    }
    await panel.screenshot('lens-parts', { fullPage: true });
    await panel.page.locator('.states-measure').click();
    await panel.page.locator('.states-measure vscode-option', { hasText: 'rank' }).click();
    const frame = lenses[0].frame;
    const last = frame.positions.length - 1;
    await panel.page.waitForFunction(([id, rank]) => document.querySelector(`#${id} .states-number`)?.textContent === rank, [`state-${frame.states.length - 1}-${last}`, String(lenses[0].rows.at(-1)?.target?.rank[last])] as const);
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('arrow keys move the cursor, and the sum follows where it rests; a head opens in the attention panel', async () => {
    const { handlers, parts } = recorded();
    const panel = await open({ handlers });
    await takeApart(panel, PROMPT, ' Lily');
    await panel.page.locator('.states-body').focus();
    await panel.page.keyboard.press('Home');
    await panel.page.keyboard.press('ArrowRight');
    await panel.page.keyboard.press('PageUp');
    await statusSays(panel, /^L0 pre · after .* @1 · /);
    await panel.page.locator('.parts-title', { hasText: /@1$/ }).waitFor();
    assert.deepEqual(parts.map(({ positions }) => positions.length), parts.map(() => 1));
    await panel.page.locator('.parts-grouping').click();
    await panel.page.locator('.parts-grouping vscode-option', { hasText: 'each part' }).click();
    await holds(panel.page.locator('.parts-grouping'), 'part');
    await panel.heard();
    const head = panel.page.locator('.parts-table .link').first();
    const address = await head.innerText();
    await head.click();
    await callsAre(panel, 'openAttention', [{ address }]);
    await panel.close();
  });

  test('several positions: with Shift or Ctrl, their mean, and each one in the table that is saved', async () => {
    const { handlers, parts } = recorded();
    const panel = await open({ handlers });
    await takeApart(panel, PROMPT, ' Lily');
    await panel.page.locator('.states-body').focus();
    await panel.page.keyboard.press('Home');
    await panel.page.keyboard.press('Shift+ArrowRight');
    await panel.page.keyboard.press('Shift+ArrowRight');
    await panel.page.locator('.parts-title', { hasText: /Lily.* · mean after .*@0, .*@1, .*@2$/ }).waitFor();
    await panel.page.locator('#state-4-4').click({ modifiers: ['Control'] });
    await panel.page.locator('.parts-title', { hasText: /@0, .*@1, .*@2, .*@4$/ }).waitFor();
    const last = parts.at(-1);
    assert.ok(last);
    assert.deepEqual(last.positions, [0, 1, 2, 4]);
    await inTime(async () => assert.equal(await panel.page.locator('.states-column.states-chosen').count(), 4));
    const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    const said = (await panel.page.locator('.parts-check').innerText()).replaceAll('−', '-');
    const [, sum, logit] = (/means: parts (-?[\d.]+) \+ remainder \S+ = logit (-?[\d.]+)/.exec(said) ?? []).map(Number);
    assert.ok(Math.abs((logit ?? NaN) - mean(last.logit)) < 1e-4 && Math.abs((sum ?? NaN) - mean(last.logit) + mean(last.remainder)) < 1e-4, said);
    await panel.screenshot('lens-several', { fullPage: true });
    const { name, content } = await saved(panel, 'CSV');
    assert.equal(name, 'stories-lens.csv');
    const rows = content.split('part,position,logit')[1]?.trim().split('\r\n').map((line) => line.split(',')) ?? [];
    assert.deepEqual(rows.map(([part, position, value]) => [part, position, Math.fround(Number(value))]), last.positions.flatMap((position, at) => [...last.parts.map(({ address, values }) => [address, String(position), values[at]]), ['remainder', String(position), last.remainder[at]]]));
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('an encoder with a decoder: the decoder’s own prompt is what is read, and comes back after a reload', async () => {
    const { handlers, lenses } = recorded();
    const panel = await open({ handlers, model: join(root, 'test/fixtures/cells/t5/torch-20.onnx') });
    await panel.page.locator('.ask-decoder').waitFor();
    await panel.page.locator('.ask-decoder input').fill('3, 7, 11');
    await takeApart(panel, '5, 9, 33, 17', '7');
    assert.deepEqual(lenses.at(-1)?.frame.tokens.map(({ id }) => id), [3, 7, 11]);
    await panel.page.locator('.parts-table', { hasText: 'layer 0' }).waitFor();
    await panel.reload();
    await panel.page.locator('.states-cell').first().waitFor();
    await holds(panel.page.locator('.ask-decoder input'), '3, 7, 11');
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('a run that is asked for before the model is there runs as soon as it is, on ids where there is no tokenizer', async () => {
    const gate = later();
    const { handlers, lenses } = recorded();
    const panel = await open({
      model: 'gpt2-sdpa-20',
      handlers: (real) => ({
        ...handlers(real),
        ready: async (params, context) => {
          await gate.promise;
          return real.ready(params, context);
        },
      }),
    });
    await panel.page.locator('.ask-area textarea').fill('5, 9, 33');
    await panel.page.keyboard.press('Control+Enter');
    gate.settle();
    await panel.page.locator('.states-cell').first().waitFor();
    await inTime(() => assert.deepEqual(lenses.at(-1)?.frame.tokens.map(({ id }) => id), [5, 9, 33]));
    await holds(panel.page.locator('.ask-area textarea'), '5, 9, 33');
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('what was typed and looked at comes back after a reload, and is run again', async () => {
    const panel = await open();
    await run(panel, PROMPT, ' Lily');
    await panel.page.locator('.states-body').focus();
    await panel.page.keyboard.press('m');
    await holds(panel.page.locator('.states-measure'), 'target');
    await panel.reload();
    await panel.page.locator('.states-cell').first().waitFor();
    await holds(panel.page.locator('.ask-token input').first(), ' Lily');
    await holds(panel.page.locator('.states-measure'), 'target');
    await panel.close();
  });

  test('bad input: two tokens where one is asked for, a comparison without a token, an empty prompt, one token', async () => {
    const panel = await open();
    await run(panel, PROMPT, ' Lily and Ben');
    await panel.page.locator('.ask-problem', { hasText: /token/ }).waitFor();
    await run(panel, PROMPT, '', ' Ben');
    await panel.page.locator('.ask-problem', { hasText: /none to ask about/ }).waitFor();
    await run(panel, '', '', '');
    await panel.page.locator('.ask-problem', { hasText: /The prompt is empty/ }).waitFor();
    await run(panel, 'One', ' day');
    await panel.page.locator('.parts-check').waitFor();
    await inTime(async () => assert.ok(await panel.page.locator('.states-column').count() <= 2));
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('a cancelled run keeps what came, and a failed sum says why where it would stand', async () => {
    const panel = await open({ handlers: () => ({ attribution: () => { throw new CogscopeError('refused', 'The logit cannot be taken apart', 'The final norm was not recognised'); } }) });
    await run(panel, PROMPT, ' Lily');
    await panel.page.locator('.parts', { hasText: 'The logit cannot be taken apart' }).waitFor();
    await panel.close();
  });

  test('saves CSV with every cell and part, and SVG', async () => {
    const { handlers, lenses, parts } = recorded();
    const panel = await open({ handlers });
    await takeApart(panel, PROMPT, ' Lily');
    const contents: string[] = [];
    for (const format of ['csv', 'svg', 'png', 'html']) {
      const { name, content } = await saved(panel, format.toUpperCase());
      assert.equal(name, `stories-lens.${format}`);
      contents.push(content);
    }
    const [csv, svg, png, html] = contents;
    const { frame } = lenses[0] as Lens;
    assert.equal(csv?.split('\r\n').filter((line) => line.includes('hook_resid')).length, frame.states.length * frame.positions.length);
    assert.ok(csv?.includes(`\r\n${parts[0]?.parts[0]?.address},`));
    const problem = await panel.page.evaluate((text) => new DOMParser().parseFromString(text, 'image/svg+xml').querySelector('parsererror')?.textContent ?? null, svg ?? '');
    assert.equal(problem, null);
    const bytes = Buffer.from(png ?? '', 'base64');
    assert.deepEqual([bytes.toString('latin1', 1, 4), bytes.readUInt32BE(16)], ['PNG', 2 * Number(/<svg [^>]*width="(\d+)"/.exec(svg ?? '')?.[1])], 'twice as wide as the drawing');
    assert.ok(html?.includes(svg ?? '-') && !/<script|src=|href=/.test(html), 'the page holds the drawing, and asks for nothing');
    await panel.close();
  });

  for (const theme of THEMES) {
    for (const width of [1200, 420]) {
      test(`every control can be used in ${theme}, ${width} pixels wide`, async () => {
        const panel = await open({ theme, size: { width, height: 900 } });
        await takeApart(panel, PROMPT, ' Lily', ' Ben');
        assert.deepEqual(await axeViolations(panel.page), []);
        await panel.screenshot(`lens-${theme.toLowerCase().replaceAll(' ', '-')}-${width}`);
        assert.deepEqual(panel.problems, []);
        await panel.close();
      });
    }
  }
});
