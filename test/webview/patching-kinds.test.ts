/** The kinds of experiments in the patching panel: each has its own fields, what is wrong with them is said beside them, and each runs. */
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import type { Experiment } from '../../src/shared/experiment/experiment.ts';
import { needsCorrupted } from '../../src/shared/experiment/kinds.ts';
import { inTime } from '../lib/inTime.ts';
import { axeViolations } from './axe.ts';
import { closeBrowser } from './harness.ts';
import type { Panel } from './harness.ts';
import { area, button, byHead, field, openPatching, problem, run, typed } from './patchingPanel.ts';
import { callsAre, holds, runDone, stories } from './steps.ts';

after(closeBrowser);

const prompt = 'Lily and Ben went to the park. Ben gave a ball to';
const pairs = [{ clean: prompt, corrupted: 'Lily and Ben went to the park. Lily gave a ball to', target: ' Lily', distractor: ' Ben' }];
const [{ clean, target }] = pairs as [typeof pairs[0]];
const common = { model: '', metric: 'logit-difference', position: -1, special: true, expect: [] } as const;
const tracing: Experiment = { ...common, metric: 'probability', pairs: [{ clean, target }], kind: 'causal-tracing', sites: ['resid_post', 'mlp_out', 'attn_out'], sigma: 3, samples: 2, seed: 0, subject: 'Ben gave', window: 2 };
const ablation: Experiment = { ...common, pairs, kind: 'ablation', ablate: 'zero', sites: ['z'], by: 'head', together: ['L0H2', 'L1H0'], seed: 0 };
const path: Experiment = { ...common, pairs, kind: 'path-patching', direction: 'denoise', senders: ['L0H2', 'L0H3'], receivers: ['logits'] };

const visibleLabels = (panel: Panel): Promise<readonly string[]> => panel.page.evaluate(() =>
  [...document.querySelectorAll<HTMLElement>('.fields .field')].filter((one) => one.checkVisibility()).map((one) => (one.querySelector('.field-label') ?? one.querySelector('vscode-text-field'))?.textContent?.trim() ?? ''));

const titlesAre = (panel: Panel, expected: readonly string[]): Promise<void> => inTime(async () => assert.deepEqual(await panel.page.locator('.map-title').allInnerTexts(), expected));

suite('fields', () => {
  const own: readonly (readonly [Experiment, readonly string[]])[] = [
    [{ ...byHead, pairs }, ['Direction', 'By', 'Layers', 'Sites']],
    [tracing, ['Subject', 'Sites', 'Noise', 'Samples', 'Window', 'Seed']],
    [ablation, ['By', 'Layers', 'Sites', 'Ablate', 'Together']],
    [path, ['Direction', 'Senders', 'Receivers', 'MLPs']],
    [{ ...common, pairs, kind: 'steering', address: 'blocks.1.hook_resid_post', direction: '/d.npy', scales: [1] }, ['Address', 'Direction', 'File', 'Multiples']],
    [{ ...common, pairs, kind: 'steering', address: 'blocks.1.hook_resid_post', direction: { from: 'corrupted - clean', position: -1 }, scales: [1] }, ['Address', 'Direction', 'Read at', 'Multiples']],
  ];
  for (const [experiment, labels] of own) {
    test(`${experiment.kind}${experiment.kind === 'steering' && typeof experiment.direction === 'object' ? ' by what prompts differ by' : ''} has its own and no others, and no finding of axe`, async () => {
      const panel = await openPatching({ model: stories, patching: { experiment } });
      await typed(panel);
      await inTime(async () => assert.deepEqual(await visibleLabels(panel), ['Target', 'Distractor', 'Metric', 'Position', ...labels]));
      assert.equal(await area(panel, 'corrupted').isVisible(), needsCorrupted(experiment));
      assert.deepEqual(await axeViolations(panel.page), []);
      await panel.close();
    });
  }

  test('a kind is chosen by key; what both kinds have stays, and the usual metric follows', async () => {
    const panel = await openPatching({ model: stories, patching: { experiment: { ...byHead, pairs } } });
    await typed(panel);
    const kinds = panel.page.locator('.setup-top vscode-dropdown');
    await kinds.focus();
    await panel.page.keyboard.press('ArrowDown');
    await field(panel, 'sigma').waitFor();
    await holds(kinds, 'causal-tracing');
    await holds(panel.page.locator('vscode-dropdown[aria-label=Metric]'), 'probability');
    await holds(area(panel, 'clean'), clean);
    await holds(field(panel, 'target'), target);
    await panel.close();
  });

  test('sites that cannot be taken apart as is asked are not offered; a site that is left alone stays ticked', async () => {
    const panel = await openPatching({ model: stories, patching: { experiment: { ...byHead, pairs } } });
    await typed(panel);
    const boxes = panel.page.locator('.field-several:visible vscode-checkbox');
    await inTime(async () => assert.deepEqual(await boxes.allInnerTexts(), ['z', 'q', 'k', 'v', 'pattern']));
    await boxes.first().click();
    // An experiment has at least one site.
    await boxes.first().and(panel.page.locator('[aria-checked=true]')).waitFor();
    await boxes.nth(1).click();
    await button(panel, 'Run').first().click();
    await runDone(panel);
    await titlesAre(panel, ['z', 'q']);
    await panel.close();
  });

  const wrong: readonly (readonly [Experiment, string, string, string])[] = [
    [tracing, 'subject', 'Tom', 'The prompt does not have these words. Copy them as they stand there, or select them and take the selection.'],
    [tracing, 'sigma', '0', 'The noise is a number above 0. Write for instance 3.'],
    [tracing, 'samples', '1.5', 'This is a whole number of 1 or more. Write for instance 10.'],
    [ablation, 'together', 'L0H2, L1', '“L1” does not fit here. Write addresses such as L4H4 or L4.mlp_out.'],
    [path, 'receivers', 'L1H0.z', '“L1H0.z” does not fit here. Write heads’ inputs (L5H1.q, L5H1.k, L5H1.v) or logits.'],
    [path, 'senders', 'L0H2.q', '“L0H2.q” does not fit here. Write heads (L4H4) or MLPs (L4.mlp_out).'],
  ];
  test('what is wrong with one is said beside it, in one sentence with what to do, and nothing runs', async () => {
    for (const [experiment, name, text, said] of wrong) {
      const panel = await openPatching({ model: stories, patching: { experiment } });
      await typed(panel);
      await field(panel, name).fill(text);
      await problem(panel, said).waitFor();
      await panel.page.keyboard.press('Control+Enter');
      await callsAre(panel, 'experiment', [], said);
      await panel.close();
    }
  });

  test('the subject is taken from what is selected in the text, and its tokens are marked', async () => {
    const panel = await openPatching({ model: stories, patching: { experiment: { ...tracing, subject: '' } } });
    await typed(panel);
    await area(panel, 'clean').evaluate((control) => (control as HTMLTextAreaElement).setSelectionRange(31, 39));
    await panel.page.getByRole('button', { name: 'Take selection' }).click();
    await holds(field(panel, 'subject'), 'Ben gave');
    await inTime(async () => assert.deepEqual(await panel.page.locator('.align-subject').allInnerTexts(), ['·Ben', '·gave']));
    await panel.close();
  });
});

suite('each runs', () => {
  test('causal tracing: a map a site, with total, direct and indirect effects', async () => {
    const panel = await openPatching({ model: stories, patching: { experiment: tracing } });
    await run(panel);
    await titlesAre(panel, ['resid_post', 'mlp_out', 'attn_out']);
    await inTime(async () => assert.match(await panel.page.locator('.result-about').innerText(), /^probability · clean 0\.9\d+ · corrupted 0\.\d+ · total effect 0\.\d+ · baseline corrupted 0\.\d+ · 1 pair$/));
    await panel.page.keyboard.press('t');
    await panel.page.locator('.table-rows .table-row').first().waitFor();
    await inTime(async () => assert.deepEqual(await panel.page.locator('.table-heads [role=columnheader]').allInnerTexts(), ['Address', 'Recovered', 'Indirect', 'Direct', 'Metric']));
    await panel.page.locator('.result-notes', { hasText: /^Noise of 3 standard deviations of the embeddings/ }).waitFor();
    await panel.close();
  });

  test('an ablation: effects, and the set as one more cell', async () => {
    const panel = await openPatching({ model: stories, patching: { experiment: ablation } });
    await run(panel);
    await titlesAre(panel, ['z', 'L0H2 + L1H0']);
    await holds(panel.page.locator('.legend-scale'), 'effect');
    await panel.page.locator('.legend').getByText('logits').waitFor();
    await panel.close();
  });

  test('path patching: a cell a sender', async () => {
    const panel = await openPatching({ model: stories, patching: { experiment: path } });
    await run(panel);
    await inTime(async () => assert.deepEqual(await panel.page.locator('.strongest-address').allInnerTexts(), ['L0H2', 'L0H3']));
    await panel.close();
  });

  test('steering: a cell a multiple of the direction', async () => {
    const width = 256;
    const file = join(mkdtempSync(join(tmpdir(), 'cogscope-')), 'direction.npy');
    writeFileSync(file, npy(Float32Array.from({ length: width }, (_, at) => Math.sin(at))));
    const panel = await openPatching({ model: stories, patching: { experiment: { ...common, pairs, kind: 'steering', address: 'blocks.1.hook_resid_post', direction: file, scales: [-4, 4] } } });
    await run(panel);
    await inTime(async () => assert.deepEqual(await panel.page.locator('.axis-cols .axis-label').allInnerTexts(), ['×−4', '×4']));
    await panel.close();
  });

  test('steering by what prompts of different lengths differ by; by a file that is chosen, which stays while the other is looked at', async () => {
    const other = [{ ...pairs[0], clean: prompt, corrupted: 'Lily gave a ball to', target: ' Lily' }];
    const panel = await openPatching({
      model: stories, handlers: () => ({ chooseDirection: () => '/chosen/direction.npy' }),
      patching: { experiment: { ...common, pairs: other, kind: 'steering', address: 'blocks.1.hook_resid_post', direction: { from: 'corrupted - clean', position: 'mean' }, scales: [2] } },
    });
    await run(panel);
    await panel.page.locator('.result-notes', { hasText: /The direction is corrupted less clean, a mean over positions, a mean over 1 pair; its norm is [\d.]+/ }).waitFor();
    const from = panel.page.getByRole('combobox', { name: 'Direction' });
    await from.focus();
    await panel.page.keyboard.press('ArrowUp');
    await panel.page.keyboard.press('ArrowUp');
    await panel.page.getByRole('button', { name: 'Choose…' }).click();
    await panel.page.waitForFunction(() => document.querySelector('[data-field=vector]')?.shadowRoot?.querySelector('input')?.value === '/chosen/direction.npy');
    await button(panel, 'JSON').click();
    const [shown] = await inTime(() => (panel.callsOf('showCode').length > 0 ? panel.callsOf('showCode') : assert.fail('nothing was shown as code'))) as readonly { readonly experiment: Experiment }[];
    assert.partialDeepStrictEqual(shown?.experiment, { kind: 'steering', direction: '/chosen/direction.npy', scales: [2] });
    await panel.close();
  });

  test('neurons of a layer: its strip is folded into lines, and every neuron can be reached', async () => {
    const panel = await openPatching({ model: stories, patching: { experiment: { ...byHead, pairs, by: 'neuron', sites: ['mlp_post'], layers: [3] } }, size: { width: 1000, height: 900 } });
    await run(panel);
    await titlesAre(panel, ['L3']);
    const canvas = panel.page.locator('.map-canvas').first();
    await inTime(async () => {
      const { width, height } = await canvas.boundingBox() ?? assert.fail('there is no map');
      assert.ok(width / 64 >= 6 && height / 16 >= 6, 'neurons are too small to be pointed at');
    });
    await panel.page.locator('.maps').first().focus();
    for (const key of ['ArrowDown', 'PageDown', 'PageDown', 'End']) await panel.page.keyboard.press(key);
    await panel.page.locator('.status-line', { hasText: /^L3N1023 · / }).waitFor();
    await panel.close();
  });
});

test('shown as code: what is typed, as a file and in Python', async () => {
  const panel = await openPatching({ model: stories, patching: { experiment: ablation } });
  await typed(panel);
  await button(panel, 'JSON').click();
  await button(panel, 'Python').click();
  const calls = await inTime(() => {
    const shown = panel.callsOf('showCode') as readonly { readonly experiment: unknown; readonly language: string }[];
    assert.deepEqual(shown.map(({ language }) => language), ['json', 'python']);
    return shown;
  });
  assert.deepEqual(calls[0]?.experiment, ablation);
  await panel.close();
});

/** A vector as NumPy writes it. */
function npy(data: Float32Array): Buffer {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${data.length},), }`;
  const header = `${text.padEnd(64 * Math.ceil((text.length + 11) / 64) - 11)}\n`;
  return Buffer.concat([Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8]), Buffer.from(header, 'latin1'), Buffer.from(data.buffer)]);
}
