/** A sweep in the patching panel: cells appear as they are made, have the colour of their numbers, and a cancel loses none of them. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import type { ExperimentProgress } from '../../src/shared/experiment/result.ts';
import { cellAt } from '../../src/shared/experiment/result.ts';
import type { ExperimentOutcome } from '../../src/shared/experiment/result.ts';
import { UNCHANGED } from '../../webview/lib/color/diverging.ts';
import { inTime } from '../lib/inTime.ts';
import { axeViolations } from './axe.ts';
import { closeBrowser } from './harness.ts';
import type { Panel } from './harness.ts';
import { area, button, byHead, byPosition, cellColour, field, held, openPatching, pair, run, typed } from './patchingPanel.ts';
import { callsAre, holds, later, root, runDone, saved, statusSays, stories } from './steps.ts';

after(closeBrowser);

const names = { clean: 'Lily and Ben went to the park. Ben gave a ball to', corrupted: 'Lily and Ben went to the park. Lily gave a ball to', target: ' Lily', distractor: ' Ben' };
const long = { ...byHead, pairs: [names, { ...names, target: ' Tom' }], by: 'head-position' } as const;

const heads = { rows: 2, cols: 8 };
const positions = { rows: 2, cols: 11 };

/** Keeps what a sweep of the real engine gave, beside what the panel shows of it. */
function listening(): { readonly handlers: NonNullable<Parameters<typeof openPatching>[0]['handlers']>; outcome(): ExperimentOutcome } {
  let outcome: ExperimentOutcome | undefined;
  return {
    handlers: (real) => ({ experiment: async (params, context) => (outcome = await real.experiment(params, context)) }),
    outcome: () => outcome ?? assert.fail('nothing was run'),
  };
}

/** Waits for a cell to be of one colour, or to be hatched. */
const solidIs = (panel: Panel, at: Parameters<typeof cellColour>[1], expected: boolean): Promise<void> => inTime(async () => assert.equal((await cellColour(panel, at)).solid, expected, JSON.stringify(at)));

suite('cells as they arrive', () => {
  test('the frame of all cells stands at once, hatched; those that came have a colour where they stay, the others none yet', async () => {
    let batches = 0;
    const { handlers, letGo } = held((progress) => progress.kind === 'cells' && ++batches === 2);
    const panel = await openPatching({ patching: { experiment: { ...byHead, by: 'head-position' } }, handlers });
    await typed(panel);
    await button(panel, 'Run').click();
    await panel.page.waitForFunction(() => /^[1-9]\d* of 176 cells/.test(document.querySelector('.toolbar-progress')?.textContent ?? ''));
    const box = (): Promise<unknown> => panel.page.locator('.map-canvas').nth(1).boundingBox();
    await panel.page.locator('.legend').getByText('not run').waitFor();
    const [before, done] = [await box(), Number.parseInt(await panel.page.locator('.toolbar-progress').innerText(), 10)];
    assert.ok(done > 0 && done < 176, `${done} cells before the second batch`);
    await inTime(async () => {
      const rows = await Promise.all([...Array(8).keys()].map((row) => cellColour(panel, { map: 1, row, col: 10, rows: 8, cols: 11 })));
      assert.ok(rows.some(({ solid }) => !solid), 'cells that were not run look as if they were');
    });
    letGo();
    assert.equal(await runDone(panel), 'done');
    assert.deepEqual(await box(), before, 'a map moved while cells came');
    await solidIs(panel, { map: 1, row: 7, col: 10, rows: 8, cols: 11 }, true);
    await panel.page.locator('.legend').getByText('not run').waitFor({ state: 'hidden' });
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('every cell’s colour and words are the numbers of the engine', async () => {
    const { handlers, outcome } = listening();
    const panel = await openPatching({ patching: { experiment: byHead }, handlers });
    await run(panel);
    const { frame, ...values } = outcome();
    const cells = frame.addresses.map((_, index) => cellAt({ frame, values, index }));
    const strongest = cells.reduce((most, cell) => ((cell.recovered ?? 0) > (most.recovered ?? 0) ? cell : most));
    assert.equal(strongest.address, 'L1H7', 'the example’s own head');
    const blueness = async (index: number): Promise<number> => {
      const { colour: [red, , blue] } = await cellColour(panel, { ...heads, row: Math.floor(index / 8), col: index % 8 });
      return blue - red;
    };
    const order = (list: readonly number[]): readonly number[] => [...list.keys()].sort((a, b) => (list[b] ?? 0) - (list[a] ?? 0)).slice(0, 4);
    await inTime(async () => assert.deepEqual(order(await Promise.all(cells.map((_, index) => blueness(index)))), order(cells.map((cell) => cell.recovered ?? 0))));
    await panel.page.locator('.result .maps').focus();
    await panel.page.keyboard.press('ArrowDown');
    await statusSays(panel, /^L0H0 · /);
    await panel.page.keyboard.press('ArrowDown');
    await panel.page.keyboard.press('End');
    await statusSays(panel, new RegExp(`^L1H7 · recovered 0\\.389 · effect 6\\.31 · logit difference`));
    await inTime(async () => assert.match(await panel.page.locator('.result .maps').getAttribute('aria-label') ?? '', /^L1H7 · recovered 0\.389/));
    await panel.close();
  });

  test('the map says metric, direction, baseline and pairs; its scale is symmetric and has a unit', async () => {
    const panel = await openPatching({ patching: { experiment: { ...byHead, pairs: [pair, { ...pair, target: ' piano' }] } } });
    await run(panel);
    await inTime(async () => assert.match(await panel.page.locator('.result-about').innerText(), /^logit difference · denoise: clean into corrupted · clean 7\.3 · corrupted −8\.92 · baseline corrupted −8\.92 · 2 pairs$/));
    await inTime(async () => assert.deepEqual((await panel.page.locator('.legend .number').allInnerTexts()).slice(0, 2), ['−0.5', '0.5']));
    await panel.page.locator('.legend').getByText('share of the difference').waitFor();
    await panel.close();
  });

  test('a patch that changed no element is marked as such, and so it says', async () => {
    const panel = await openPatching({ patching: { experiment: byPosition } });
    await run(panel);
    await solidIs(panel, { ...positions, row: 0, col: 0 }, false);
    await solidIs(panel, { ...positions, row: 0, col: 4 }, true);
    await panel.page.locator('.result .maps').focus();
    await panel.page.keyboard.press('ArrowDown');
    await statusSays(panel, /^blocks\.0\.hook_resid_pre@0 <bos> · the edit changed no element$/);
    await panel.page.locator('.legend').getByText('nothing changed').waitFor();
    await panel.close();
  });

  test('equal metrics: it says that no share can be told, and shows raw values', async () => {
    const same = { ...pair, target: ' bread', distractor: ' bread' };
    const panel = await openPatching({ patching: { experiment: { ...byHead, pairs: [same] } } });
    await run(panel);
    await inTime(async () => assert.match(await panel.page.locator('.result-notes').innerText(), /^The clean and the corrupted run have the same metric, 0, so no share of their difference can be told\. Raw values are shown\.$/));
    await holds(panel.page.locator('.legend-scale'), 'metric');
    await panel.close();
  });

  test('NaN has its own mark and word', async () => {
    const panel = await openPatching({
      patching: { experiment: byHead },
      handlers: (real) => ({
        experiment: async (params, context) => {
          const outcome = await real.experiment(params, { ...context, progress: () => undefined });
          const metrics = outcome.metrics.slice();
          metrics[3] = NaN;
          return { ...outcome, metrics };
        },
      }),
    });
    await run(panel);
    await solidIs(panel, { ...heads, row: 0, col: 3 }, false);
    await panel.page.locator('.legend').getByText('NaN').waitFor();
    await panel.page.locator('.legend').getByText('not run').waitFor({ state: 'hidden' });
    await panel.close();
  });
});

suite('a sweep that is stopped', () => {
  test('cancel tells the engine and keeps what is there; going on runs only what is missing', async () => {
    let batches = 0;
    const { handlers, aborted } = held((progress: ExperimentProgress) => progress.kind === 'cells' && ++batches === 2);
    let resumed = 0;
    const panel = await openPatching({
      patching: { experiment: { ...byHead, by: 'head-position' } },
      handlers: (real) => {
        const stopped = handlers(real);
        return {
          experiment: (params, context) => {
            if (!params.resume) return stopped.experiment?.(params, context) ?? assert.fail();
            return real.experiment(params, { ...context, progress: (body) => {
              const step = body as ExperimentProgress;
              if (step.kind === 'cells' && step.done > resumed) resumed = resumed === 0 ? step.indices.length : resumed;
              context.progress(body);
            } });
          },
        };
      },
    });
    await typed(panel);
    await button(panel, 'Run').click();
    await panel.page.waitForFunction(() => /^[1-9]\d* of 176 cells/.test(document.querySelector('.toolbar-progress')?.textContent ?? ''));
    const done = Number.parseInt(await panel.page.locator('.toolbar-progress').innerText(), 10);
    await button(panel, 'Cancel').click();
    await aborted;
    assert.equal(await runDone(panel), 'cancelled');
    await panel.page.locator('.toolbar-progress', { hasText: `stopped at ${done} of 176 cells` }).waitFor();
    await button(panel, 'Go on').click();
    assert.equal(await runDone(panel, 2), 'done');
    assert.deepEqual((panel.callsOf('experiment') as readonly { readonly resume: boolean }[]).map(({ resume }) => resume), [false, true]);
    assert.ok(resumed >= done, `the run that went on began with ${resumed} of ${done} cells`);
    await panel.page.locator('.toolbar-progress', { hasText: /^176 cells · / }).waitFor();
    await panel.close();
  });

  test('a run that is asked for before the model is there runs as soon as it is', async () => {
    const gate = later();
    const panel = await openPatching({
      patching: { experiment: byHead },
      handlers: (real) => ({
        ready: async (params, context) => {
          await gate.promise;
          return real.ready(params, context);
        },
      }),
    });
    await area(panel, 'clean').waitFor();
    await panel.page.keyboard.press('Control+Enter');
    gate.settle();
    assert.equal(await runDone(panel), 'done');
    await panel.close();
  });

  test('what the engine refuses is said in its one sentence, and what is typed stays', async () => {
    const panel = await openPatching({ patching: { experiment: { ...byHead, kind: 'activation-patching', sites: ['mlp_out'], by: 'position' } } });
    await typed(panel);
    await button(panel, 'Run').click();
    assert.equal(await runDone(panel), 'failed');
    await panel.page.locator('.notice-error', { hasText: /^This model has no mlp_out\. Choose another site/ }).waitFor();
    await field(panel, 'layers').fill('0');
    await panel.page.locator('.notice-error').waitFor({ state: 'detached' });
    await panel.close();
  });
});

test('by key alone: the focus goes from Run to Cancel and back, and what is said aloud is the beginning and the end', async () => {
  const gate = later();
  const panel = await openPatching({
    patching: { experiment: byHead },
    handlers: (real) => ({
      experiment: async (params, context) => {
        await gate.promise;
        return real.experiment(params, context);
      },
    }),
  });
  await typed(panel);
  const focusIs = (label: string): Promise<void> => inTime(async () => assert.equal(await panel.page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? null), label));
  const spoken = panel.page.locator('.head-line .spoken');
  await button(panel, 'Run').focus();
  await panel.page.keyboard.press('Enter');
  await button(panel, 'Cancel').waitFor();
  await focusIs('Cancel');
  await inTime(async () => assert.equal(await spoken.textContent(), 'running'));
  gate.settle();
  await runDone(panel);
  await focusIs('Run');
  await inTime(async () => assert.match(await spoken.textContent() ?? '', /^16 cells/));
  await panel.close();
});

test('a cell can be opened while the sweep runs, and neither disturbs the other', async () => {
  const alone = listening();
  const quiet = await openPatching({ model: stories, patching: { experiment: long }, handlers: alone.handlers });
  await run(quiet);
  await quiet.close();
  const { handlers, outcome } = listening();
  const panel = await openPatching({ model: stories, patching: { experiment: long }, handlers });
  await typed(panel);
  await button(panel, 'Run').click();
  await panel.page.locator('.strongest-row').first().click();
  await panel.page.locator('.cell-column').nth(2).waitFor();
  await runDone(panel);
  await inTime(() => assert.deepEqual([...outcome().metrics], [...alone.outcome().metrics], 'the sweep gave other numbers'));
  assert.deepEqual(panel.problems, []);
  await panel.close();
});

test('a model of images says that experiments run on prompts, and runs nothing', async () => {
  const panel = await openPatching({ model: join(root, 'test/fixtures/cells/vit/torch-20.onnx') });
  await panel.page.locator('.notice', { hasText: 'This model takes images, and experiments run on prompts alone.' }).waitFor();
  await panel.page.keyboard.press('Control+Enter');
  await callsAre(panel, 'experiment', []);
  await panel.close();
});

suite('the same as a table', () => {
  test('by key: the cells with their numbers, sorted and filtered, and the chosen one stays chosen in the picture', async () => {
    const panel = await openPatching({ patching: { experiment: byHead } });
    await run(panel);
    await panel.page.locator('.result .maps').focus();
    await panel.page.keyboard.press('t');
    const rows = panel.page.locator('.table-rows .table-row');
    await rows.first().waitFor();
    await inTime(async () => assert.equal(await rows.count(), 16));
    assert.deepEqual(await panel.page.locator('.table-heads [role=columnheader]').allInnerTexts(), ['Address', 'Recovered', 'Effect', 'Metric']);
    await panel.page.locator('.table-sort', { hasText: 'Recovered' }).click();
    await panel.page.locator('[aria-sort=descending]').waitFor();
    await inTime(async () => assert.match(await rows.first().innerText(), /^L1H7\s+0\.389\s+6\.31/));
    assert.deepEqual(await axeViolations(panel.page), []);
    await panel.page.locator('.table-body').focus();
    await panel.page.keyboard.press('Home');
    await statusSays(panel, /^L1H7 · /);
    await panel.page.keyboard.press('/');
    await panel.page.keyboard.type('L0');
    await panel.page.getByText('8 of 16 cells').waitFor();
    await panel.page.keyboard.press('Escape');
    await panel.page.locator('.result .maps .cross-cell').first().waitFor();
    await statusSays(panel, /^L1H7 · /);
    await panel.page.keyboard.press('t');
    await rows.first().dblclick();
    await panel.page.locator('.change').waitFor();
    await panel.close();
  });

  test('CSV and SVG hold what is shown', async () => {
    const panel = await openPatching({ patching: { experiment: byHead } });
    await run(panel);
    const [{ name: first, content: csv }, { name: second, content: svg }] = [await saved(panel, 'CSV'), await saved(panel, 'SVG')];
    assert.deepEqual([first, second], ['induction-activation-patching.csv', 'induction-activation-patching.svg']);
    assert.match(csv, /^address,metric,recovered,effect,spread,unchanged,pair 1\r\n.*\r\n/);
    assert.match(csv, /\r\nL1H7,-2\.6\d+,0\.3888\d+,6\.3/);
    assert.match(svg, /<title>Activation patching · induction\.onnx<\/title>\n<desc>recovered from −0\.5 to 0\.5 \(share of the difference\) · logit difference/);
    assert.ok(svg.includes('>H7</text>') && svg.includes('>L1</text>'));
    await panel.close();
  });

  test('a drawing has the marks of the picture as patterns, and only those that are in it', async () => {
    const panel = await openPatching({ patching: { experiment: byPosition } });
    await run(panel);
    const { content } = await saved(panel, 'SVG');
    assert.deepEqual([...content.matchAll(/<pattern id="mark-(\d+)"/g)].map(([, level]) => Number(level)), [UNCHANGED]);
    assert.ok(content.includes(`url(#mark-${UNCHANGED})`));
    await panel.close();
  });
});

suite('state outlives', () => {
  test('a reload brings back what is typed, what was run, the cell and the view', async () => {
    const panel = await openPatching({ patching: { experiment: byHead } });
    await run(panel);
    await panel.page.locator('.result .maps').focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'End']) await panel.page.keyboard.press(key);
    await statusSays(panel, /^L1H7 · /);
    await field(panel, 'position').fill('-2');
    await field(panel, 'position').fill('-1');
    await panel.reload();
    await statusSays(panel, /^L1H7 · recovered 0\.389/);
    await holds(area(panel, 'corrupted'), pair.corrupted);
    await panel.heard();
    assert.equal(panel.callsOf('experiment').length, 1, 'it was run again');
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('an experiment of the host is shown, and run where the host says so', async () => {
    const panel = await openPatching({ patching: { experiment: byHead } });
    await typed(panel);
    panel.emit('experiment', { experiment: byPosition, source: { uri: 'file:///a.cogscope.json', name: 'a.cogscope.json' }, outcome: null, run: true });
    assert.equal(await runDone(panel), 'done');
    await panel.page.locator('.toolbar-title', { hasText: /^a\.cogscope\.json$/ }).waitFor();
    await panel.page.locator('.axis-cols', { hasText: 'piano' }).waitFor();
    await panel.close();
  });
});
