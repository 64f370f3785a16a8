/** A run in the attention panel: layers appear as they are made, pictures are PyTorch's numbers, cancel and death lose nothing. */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { CogscopeError } from '../../src/shared/errors.ts';
import type { RunProgress } from '../../src/shared/protocol/engineApi.ts';
import type { Handlers } from '../../src/shared/rpc/connection.ts';
import { inTime } from '../lib/inTime.ts';
import { cellColour, golden, inkColours, openAttention, paintedAre, runPrompt, sameColour, themeColour, type, words } from './attentionPanel.ts';
import { closeBrowser } from './harness.ts';
import type { Panel, PanelHostApi, PanelOptions } from './harness.ts';
import { callsAre, holds, induction, later, runDone, statusSays } from './steps.ts';

after(closeBrowser);

type HandlersOf = NonNullable<PanelOptions['handlers']>;
type Hold = (progress: RunProgress) => boolean;

/** A run whose progress stops before what `hold` names, until it is let go. Everything else is the real engine's. */
function held(hold: Hold): { readonly handlers: HandlersOf; letGo(): void; readonly aborted: Promise<void> } {
  const [gate, aborted] = [later(), later()];
  return {
    letGo: () => gate.settle(),
    aborted: aborted.promise,
    handlers: (real: Handlers<PanelHostApi>) => ({
      run: async (params, context) => {
        context.signal.addEventListener('abort', () => aborted.settle());
        let before: Promise<unknown> = Promise.resolve();
        const result = await real.run(params, {
          signal: context.signal,
          progress: (body) => {
            if (hold(body as RunProgress)) before = before.then(() => gate.promise);
            before = before.then(() => context.progress(body));
          },
        });
        await before;
        return result;
      },
    }),
  };
}

/** The scale's control is drawn together with the pictures. */
const scaleIs = (panel: Panel, name: string): Promise<unknown> =>
  panel.page.waitForFunction((expected) => (document.querySelector('.legend-scale') as HTMLSelectElement).value === expected, name);

const layerThree: Hold = (progress) => progress.kind === 'stage' && progress.layers.some(({ layer }) => layer === 3);
const ids = golden('gpt2', 0).ids.join(', ');

suite('layers as they arrive', () => {
  test('the frame of the whole grid stands before anything is run', async () => {
    const panel = await openAttention({ model: 'gpt2-deep-sdpa-20' });
    await panel.page.locator('[data-address=L4H1]').waitFor();
    assert.equal(await panel.page.locator('.head').count(), 10);
    await panel.heard();
    await paintedAre(panel, [false, false, false, false, false]);
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('a prompt that is run before the model is there runs as soon as it is', async () => {
    const gate = later();
    const panel = await openAttention({
      model: induction,
      handlers: (real) => ({
        ready: async (params, context) => {
          await gate.promise;
          return real.ready(params, context);
        },
      }),
    });
    await type(panel, words);
    await panel.page.keyboard.press('Control+Enter');
    gate.settle();
    await runDone(panel);
    await paintedAre(panel, [true, true]);
    await panel.close();
  });

  test('a head that is opened before anything is run is named, with no axes yet', async () => {
    const panel = await openAttention({ model: 'gpt2-deep-sdpa-20' });
    await panel.page.locator('[data-address=L4H1]').waitFor();
    panel.emit('reveal', { address: 'L1H0' });
    await panel.page.getByText('L1H0 has not come yet.').waitFor();
    await panel.page.locator('.large-address', { hasText: /^L1H0$/ }).waitFor();
    assert.deepEqual(await panel.page.locator('.large').getByText(/attends to|source|dest/).filter({ visible: true }).allInnerTexts(), []);
    await panel.close();
  });

  test('with layer 3 held back, layers 0 to 2 are painted and no other; let go, all are, and nothing has moved', async () => {
    const { handlers, letGo } = held(layerThree);
    const panel = await openAttention({ model: 'gpt2-deep-sdpa-20', handlers });
    const box = (): Promise<unknown> => panel.page.locator('[data-address=L4H1]').boundingBox();
    await panel.page.locator('[data-address=L4H1]').waitFor();
    await type(panel, ids);
    await panel.page.locator('.token').nth(10).waitFor();
    const before = await box();
    await panel.page.keyboard.press('Control+Enter');
    await panel.page.waitForFunction(() => document.querySelectorAll('.heads-row:not(.heads-pending)').length === 3);
    await paintedAre(panel, [true, true, true, false, false]);
    await panel.page.locator('.toolbar-progress', { hasText: /^layer 4 of 5 · / }).waitFor();
    assert.deepEqual(await box(), before, 'a head moved while layers arrived');
    letGo();
    await runDone(panel);
    await paintedAre(panel, [true, true, true, true, true]);
    assert.deepEqual(await box(), before, 'a head moved when the run ended');
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('cancel tells the engine, keeps the layers that came, and they can be opened', async () => {
    const { handlers, aborted } = held(layerThree);
    const panel = await openAttention({ model: 'gpt2-deep-sdpa-20', handlers });
    await type(panel, ids);
    await panel.page.keyboard.press('Control+Enter');
    await panel.page.waitForFunction(() => document.querySelectorAll('.heads-row:not(.heads-pending)').length === 3);
    await panel.page.locator('vscode-button[aria-label=Cancel]').click();
    await aborted;
    await runDone(panel);
    await paintedAre(panel, [true, true, true, false, false]);
    await panel.page.locator('.toolbar-progress', { hasText: /^cancelled after layer 3 of 5$/ }).waitFor();
    await panel.page.locator('.predictions', { hasText: 'cancelled before its last stage' }).waitFor();
    await panel.page.locator('[data-address=L2H1]').dblclick();
    await statusSays(panel, /^L2H1 · .* attends to .* · \d/);
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });
});

suite('pictures are the numbers', () => {
  test('every cell of a head has the colour of PyTorch’s weight, linear and by square root; masked cells are background', async () => {
    const truth = golden('gpt2', 0);
    const length = truth.ids.length;
    const panel = await openAttention({ model: 'gpt2-sdpa-20', size: { width: 1200, height: 900 } });
    await runPrompt(panel, ids);
    const [colour, background] = [await inkColours(panel), await themeColour(panel, '--vscode-editor-background')];
    const pattern = truth.pattern(1, 2);
    const check = async (ink: (weight: number) => number, scale: string): Promise<void> => {
      for (const [row, col] of [[0, 0], [3, 1], [5, 5], [10, 0], [10, 4], [10, 9], [7, 2]] as const) {
        const expected = colour(ink(pattern[row * length + col] ?? NaN));
        sameColour(await cellColour(panel, { layer: 1, head: 2, row, col, length }), expected, `${scale} ${row} ${col}`);
      }
      for (const [row, col] of [[0, 1], [3, 10], [9, 10]] as const) sameColour(await cellColour(panel, { layer: 1, head: 2, row, col, length }), background, `masked ${row} ${col}`);
    };
    await scaleIs(panel, 'sqrt');
    await check(Math.sqrt, 'square root');
    await panel.page.locator('[data-address=L0H0]').focus();
    await panel.page.keyboard.press('s');
    await scaleIs(panel, 'linear');
    await check((weight) => weight, 'linear');
    await panel.close();
  });

  test('predictions are PyTorch’s, at the last token and at any other', async () => {
    const truth = golden('gpt2', 0);
    const panel = await openAttention({ model: 'gpt2-sdpa-20' });
    await runPrompt(panel, ids);
    const vocab = truth.logits.length / truth.ids.length;
    for (const position of [10, 3]) {
      await panel.page.locator('.prompt .token').nth(position).click();
      await panel.page.locator('.predictions-where', { hasText: `@${position}` }).waitFor();
      const logits = truth.logits.slice(position * vocab, (position + 1) * vocab);
      const best = [...logits.keys()].sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0)).slice(0, 10).map(String);
      await inTime(async () => assert.deepEqual(await panel.page.locator('.predictions-token').allInnerTexts(), best, `at ${position}`));
      const share = Math.exp(logits[Number(best[0])] ?? 0) / logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
      assert.equal(await panel.page.locator('.predictions-row .number').first().innerText(), `${(share * 100).toFixed(1)}%`);
    }
    await panel.close();
  });

  test('a mask that is changed runs with the model, closes its columns, and follows PyTorch', async () => {
    const truth = golden('gpt2', 1);
    const length = truth.ids.length;
    const panel = await openAttention({ model: 'gpt2-sdpa-20', size: { width: 1200, height: 900 } });
    await type(panel, truth.ids.join(', '));
    await panel.page.locator('.filled summary').click();
    const field = panel.page.locator('vscode-text-field[aria-label="Values of attention_mask"] input');
    await field.fill(truth.mask.join(', '));
    await field.press('Tab');
    await panel.page.locator('.filled summary', { hasText: 'attention_mask (your values)' }).waitFor();
    await panel.page.keyboard.press('Control+Enter');
    await runDone(panel);
    const [colour, background] = [await inkColours(panel), await themeColour(panel, '--vscode-editor-background')];
    const pattern = truth.pattern(0, 1);
    for (const [row, col] of [[10, 3], [8, 8], [5, 0]] as const) {
      const weight = pattern[row * length + col] ?? NaN;
      sameColour(await cellColour(panel, { layer: 0, head: 1, row, col, length }), colour(Math.sqrt(weight)), `${row} ${col}`);
    }
    sameColour(await cellColour(panel, { layer: 0, head: 1, row: 10, col: 9, length }), background, 'a column that the mask closes');
    await panel.close();
  });

  test('NaN is marked in its rows, named in words, and spoken', async () => {
    const handlers: HandlersOf = (real) => ({
      run: (params, context) => real.run(params, { ...context, progress: (body) => context.progress(withNan(body as RunProgress)) }),
    });
    const panel = await openAttention({ model: 'gpt2-sdpa-20', handlers });
    await runPrompt(panel, ids);
    await panel.page.locator('.notices', { hasText: 'NaN in L2H1.' }).waitFor();
    await panel.page.locator('[data-address=L2H1][aria-label="L2H1, holds NaN"]').waitFor();
    const colours = [await themeColour(panel, '--vscode-charts-red'), await themeColour(panel, '--vscode-editor-background')];
    const actual = await cellColour(panel, { layer: 2, head: 1, row: 4, col: 2, length: 11 });
    assert.ok(colours.some((colour) => colour.every((value, index) => value === actual[index])), `rgb(${actual.join()}) is neither mark nor background`);
    await panel.page.locator('[data-address=L2H1]').dblclick();
    await panel.page.locator('.large .strip').first().locator('.token').nth(4).click();
    await statusSays(panel, /NaN$/);
    await panel.close();
  });
});

/** Row 4 of L2H1 becomes NaN, as a real overflow in softmax would make it. */
function withNan(progress: RunProgress): RunProgress {
  const [layer] = progress.kind === 'stage' ? progress.layers : [];
  if (progress.kind !== 'stage' || layer?.layer !== 2) return progress;
  const row = layer.rows + 4;
  const weights = layer.weights.slice();
  weights.fill(NaN, row * layer.perRow, (row + 1) * layer.perRow);
  return { ...progress, layers: [{ ...layer, weights, nanRows: Uint32Array.of(row) }] };
}

suite('the engine goes', () => {
  const died = new CogscopeError('engine-died', 'The engine ended unexpectedly (signal SIGKILL)', 'Run again').data;

  test('in the middle of a run: a quiet line, then the same prompt runs again by itself with the selection kept', async () => {
    let deaths = 1;
    const handlers: HandlersOf = (real) => ({
      run: async (params, context) => {
        if (deaths-- <= 0) return real.run(params, context);
        const gone = later();
        void real.run(params, { ...context, progress: (body) => {
          context.progress(body);
          const progress = body as RunProgress;
          if (progress.kind === 'stage' && progress.layers.length > 0) gone.settle();
        } });
        await gone.promise;
        throw CogscopeError.from(died);
      },
    });
    const panel = await openAttention({ model: 'gpt2-sdpa-20', handlers });
    await type(panel, ids);
    await panel.page.locator('[data-address=L1H3]').click();
    await panel.page.locator('.prompt-area textarea').press('Control+Enter');
    await panel.page.locator('.notices', { hasText: 'The engine ended' }).waitFor();
    panel.update({ engine: { kind: 'restarting', attempt: 1, error: died } });
    await panel.page.locator('.notices', { hasText: 'The engine ended; starting it again (attempt 1).' }).waitFor();
    assert.equal(await panel.page.locator('.notice-error').count(), 0);
    panel.update({ engine: { kind: 'starting' } });
    panel.update({ engine: { kind: 'ready' } });
    await panel.page.waitForFunction(() => document.querySelectorAll('.predictions-row').length === 10);
    assert.equal(panel.callsOf('run').length, 2);
    assert.deepEqual((panel.callsOf('run')[1] as { readonly prompt: unknown }).prompt, { kind: 'ids', ids: golden('gpt2', 0).ids });
    await holds(panel.page.locator('.prompt-area textarea'), ids);
    await panel.page.locator('[data-address=L1H3][aria-selected=true]').waitFor();
    assert.equal(await panel.page.locator('.notice').count(), 0);
    await panel.close();
  });

  test('too often: its sentence with one thing to do, and the prompt stays', async () => {
    const panel = await openAttention({ model: 'gpt2-sdpa-20' });
    await runPrompt(panel, ids);
    panel.update({ engine: { kind: 'failed', error: died } });
    await panel.page.locator('.notice-error', { hasText: 'The engine ended unexpectedly' }).waitFor();
    await panel.page.locator('.notice-error vscode-button').click();
    await callsAre(panel, 'command', [{ name: 'restartEngine' }]);
    await holds(panel.page.locator('.prompt-area textarea'), ids);
    panel.update({ engine: { kind: 'ready' } });
    await panel.page.waitForFunction(() => document.querySelectorAll('.notice').length === 0);
    await runDone(panel, 2);
    assert.equal(panel.callsOf('run').length, 2, 'the run was made again');
    await panel.close();
  });

  test('while something else is typed: the run is made again, not what is half typed', async () => {
    const panel = await openAttention({ model: 'gpt2-sdpa-20' });
    await runPrompt(panel, ids);
    await type(panel, '1, 2');
    panel.update({ engine: { kind: 'restarting', attempt: 1, error: died } });
    panel.update({ engine: { kind: 'ready' } });
    await runDone(panel, 2);
    assert.deepEqual(panel.callsOf('run').map((params) => (params as { readonly prompt: unknown }).prompt), Array.from({ length: 2 }, () => ({ kind: 'ids', ids: golden('gpt2', 0).ids })));
    await holds(panel.page.locator('.prompt-area textarea'), '1, 2');
    await panel.close();
  });

  test('while idle, unseen: the first question that it cannot answer makes the run again', async () => {
    let forgets = 1;
    const handlers: HandlersOf = (real) => ({
      predictions: (params, context) => {
        if (forgets-- > 0) throw new CogscopeError('usage', 'That run is no longer kept', 'Run the prompt again');
        return real.predictions(params, context);
      },
    });
    const panel = await openAttention({ model: 'gpt2-sdpa-20', handlers });
    await runPrompt(panel, ids);
    await panel.page.locator('.prompt .token').nth(2).click();
    await panel.page.locator('.predictions-where', { hasText: '@2' }).waitFor();
    assert.equal(panel.callsOf('run').length, 2);
    assert.equal(await panel.page.locator('.notice').count(), 0);
    await panel.close();
  });
});

suite('one run after another', () => {
  test('an opened head shows the new prompt’s weights, never those of the run before', async () => {
    const [first, second] = [golden('gpt2', 0), golden('gpt2', 0).ids.toReversed()];
    const panel = await openAttention({ model: 'gpt2-sdpa-20' });
    await runPrompt(panel, second.join(', '));
    await panel.page.locator('[data-address=L1H1]').dblclick();
    await statusSays(panel, /^L1H1 · 71 @10 attends to /);
    await runPrompt(panel, first.ids.join(', '));
    await panel.page.locator('.large .strip').first().locator('.token').nth(9).click();
    await panel.page.locator('.matrix-body').press('Home');
    const line = await statusSays(panel, /^L1H1 · 27 @9 attends to 71 @0 · /);
    const expected = first.pattern(1, 1)[9 * first.ids.length] ?? NaN;
    assert.ok(Math.abs(Number(line.split(' · ').at(-1)) - expected) < 0.006 * expected, `${line} is not ${expected}`);
    await panel.close();
  });
});

suite('state outlives', () => {
  test('a reload brings back prompt, head, token, view and scale, and runs again', async () => {
    const panel = await openAttention({ model: 'gpt2-sdpa-20' });
    await runPrompt(panel, ids);
    await panel.page.locator('[data-address=L2H3]').dblclick();
    await panel.page.locator('.large .strip').first().locator('.token').nth(6).click();
    await panel.page.locator('.matrix-body').focus();
    await panel.page.keyboard.press('s');
    await scaleIs(panel, 'linear');
    await panel.reload();
    await statusSays(panel, /^L2H3 · .* @6 attends to /);
    await holds(panel.page.locator('.prompt-area textarea'), ids);
    await scaleIs(panel, 'linear');
    assert.equal(panel.callsOf('run').length, 2);
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('what is typed and selected is told to the host', async () => {
    const panel = await openAttention({ model: 'gpt2-sdpa-20' });
    await type(panel, '4, 5, 6');
    await panel.page.locator('[data-address=L1H1]').click();
    await panel.page.waitForFunction(() => document.querySelector('[aria-selected=true][data-address=L1H1]') !== null);
    await inTime(() => assert.deepEqual(panel.callsOf('remember').at(-1), { prompt: { kind: 'ids', ids: [4, 5, 6] }, address: 'L1H1' }));
    await panel.close();
  });

  test('a prompt and an address of the host are run and opened', async () => {
    const panel = await openAttention({ model: 'gpt2-sdpa-20', prompt: { kind: 'ids', ids: [1, 2, 3] }, address: 'L0H2' });
    await statusSays(panel, /^L0H2 · 3 @2 attends to /);
    await panel.close();
  });
});
