/** The prompt of the attention panel: its tokens as the model sees them, and everything that can be wrong with it. */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { inTime } from '../lib/inTime.ts';
import { openAttention, runPrompt, type, words } from './attentionPanel.ts';
import { closeBrowser } from './harness.ts';
import type { Panel } from './harness.ts';
import { callsAre, holds, induction, runDone, statusSays } from './steps.ts';

after(closeBrowser);

const problem = (panel: Panel) => panel.page.locator('.prompt-problem');
const tokensAre = (panel: Panel, expected: readonly string[]): Promise<void> => inTime(async () => assert.deepEqual(await panel.page.locator('.prompt .token').allInnerTexts(), expected));

suite('tokens while typing', () => {
  test('a text shows its tokens, special ones told apart, and without them where the switch is off', async () => {
    const panel = await openAttention({ model: induction });
    await type(panel, 'cat milk door');
    await tokensAre(panel, ['<bos>', 'cat', 'milk', 'door']);
    assert.deepEqual(await panel.page.locator('.prompt .token').evaluateAll((all) => all.map((token) => token.classList.contains('token-special'))), [true, false, false, false]);
    assert.match(await panel.page.locator('.prompt .token').nth(2).getAttribute('title') ?? '', /^@2 · id \d+ · characters 4 to 8$/);
    await panel.page.locator('vscode-checkbox', { hasText: 'Special tokens' }).click();
    await tokensAre(panel, ['cat', 'milk', 'door']);
    await callsAre(panel, 'run', []);
    await panel.close();
  });

  test('switching to ids and back loses neither', async () => {
    const panel = await openAttention({ model: induction });
    const switchIds = panel.page.locator('vscode-checkbox', { hasText: 'Token ids' });
    const areaHolds = (text: string): Promise<void> => holds(panel.page.locator('.prompt-area textarea'), text);
    await type(panel, 'cat milk');
    await switchIds.click();
    await areaHolds('');
    await type(panel, '5, 6, 7');
    await switchIds.click();
    await areaHolds('cat milk');
    await switchIds.click();
    await areaHolds('5, 6, 7');
    await panel.close();
  });

  test('a changed prompt shows its own tokens and says that it is not what was run', async () => {
    const panel = await openAttention({ model: induction });
    await runPrompt(panel, words);
    await type(panel, 'cat');
    await panel.page.locator('.prompt-caption', { hasText: '2 tokens · changed since the run' }).waitFor();
    await tokensAre(panel, ['<bos>', 'cat']);
    assert.equal(await panel.page.locator('.prompt .token[aria-selected=true]').count(), 0, 'no token of another prompt is chosen');
    await panel.close();
  });
});

suite('ids', () => {
  test('without a tokenizer the prompt is ids, and says why', async () => {
    const panel = await openAttention({ model: 'gpt2-sdpa-20' });
    await panel.page.locator('vscode-checkbox[title*="No tokenizer beside the model"]', { hasText: 'Token ids' }).waitFor();
    await panel.page.locator('.prompt-area textarea[placeholder="Token ids: 1, 2, 3"]').waitFor();
    await panel.close();
  });

  const wrong: readonly (readonly [ids: string, sentence: string])[] = [
    ['1, two, 3', '"two" is no token id. Ids are whole numbers from 0, separated by commas.'],
    ['1, 96', 'Token id 96 is outside the vocabulary of 96. Use ids of this model’s own tokenizer.'],
    [Array.from({ length: 70 }, () => 1).join(', '), 'The prompt has 70 tokens and the model’s context holds 64. Shorten it by 6 tokens.'],
  ];
  for (const [ids, sentence] of wrong) {
    test(`${ids.slice(0, 20)}: one sentence at the prompt, while typing and when run; nothing typed is lost and nothing crashes`, async () => {
      const panel = await openAttention({ model: 'gpt2-sdpa-20' });
      await runPrompt(panel, '1, 2, 3');
      await type(panel, ids);
      await problem(panel).filter({ hasText: sentence }).waitFor();
      await panel.page.locator('.prompt-area textarea').press('Control+Enter');
      await runDone(panel, ids.includes('two') ? 1 : 2);
      await inTime(async () => assert.equal(await problem(panel).innerText(), sentence));
      await holds(panel.page.locator('.prompt-area textarea'), ids);
      assert.equal(await panel.page.locator('.notice').count(), 0);
      await type(panel, '1, 2, 3, 4');
      await problem(panel).waitFor({ state: 'hidden' });
      await panel.page.locator('.prompt-area textarea').press('Control+Enter');
      await panel.page.locator('.predictions-where', { hasText: '@3' }).waitFor();
      await panel.close();
    });
  }

  test('an empty prompt is not run, and says so', async () => {
    const panel = await openAttention({ model: 'gpt2-sdpa-20' });
    await panel.page.locator('[data-address=L0H0]').waitFor();
    await panel.page.locator('vscode-button[aria-label=Run]').click();
    await problem(panel).filter({ hasText: 'The prompt is empty. Type at least one token.' }).waitFor();
    await callsAre(panel, 'run', []);
    await panel.close();
  });

  test('a prompt of one token runs, and its heads open', async () => {
    const panel = await openAttention({ model: 'gpt2-sdpa-20' });
    await runPrompt(panel, '5');
    await panel.page.locator('[data-address=L1H1]').dblclick();
    await statusSays(panel, /^L1H1 · 5 @0 attends to 5 @0 · 1$/);
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });
});

suite('before there is anything', () => {
  test('one sentence and one button, which runs an example that can be seen in the prompt', async () => {
    const panel = await openAttention({ model: 'gpt2-sdpa-20' });
    await panel.page.locator('.attention-before > span', { hasText: /^Every head’s attention appears here, layer by layer\.$/ }).waitFor();
    await panel.page.locator('vscode-button', { hasText: 'Run an example prompt' }).click();
    await runDone(panel);
    await inTime(async () => assert.match(await panel.page.locator('.prompt-area textarea').inputValue(), /^\d+(, \d+){15}$/));
    await inTime(async () => assert.equal(await panel.page.locator('.predictions-row').count(), 10));
    await panel.page.locator('.attention-before').waitFor({ state: 'hidden' });
    await panel.close();
  });

  test('in a workspace that is not trusted nothing runs and nothing is asked; one line says what to do', async () => {
    const panel = await openAttention({ model: 'gpt2-sdpa-20', host: { trusted: false }, prompt: { kind: 'ids', ids: [1, 2] } });
    await panel.page.locator('.notice', { hasText: 'Running a model needs a trusted workspace' }).waitFor();
    await panel.page.locator('vscode-button[aria-label=Run]').waitFor({ state: 'hidden' });
    await panel.page.locator('.prompt-area textarea').press('Control+Enter');
    await panel.page.locator('.notice vscode-button').click();
    await callsAre(panel, 'command', [{ name: 'manageTrust' }]);
    assert.deepEqual([panel.callsOf('run'), panel.callsOf('tokenize')], [[], []]);
    panel.update({ trusted: true });
    await panel.page.waitForFunction(() => document.querySelectorAll('.predictions-row').length === 10);
    assert.equal(panel.callsOf('run').length, 1, 'once trusted, the prompt that was there runs');
    await panel.close();
  });

  test('a file that changed says so and offers to reload', async () => {
    const panel = await openAttention({ model: 'gpt2-sdpa-20', host: { changed: true } });
    await panel.page.locator('.notice-warning', { hasText: 'The file changed since it was opened.' }).waitFor();
    await panel.page.locator('.notice-warning vscode-button').click();
    await callsAre(panel, 'command', [{ name: 'reloadModel' }]);
    await panel.close();
  });

  test('a model that cannot be read says why', async () => {
    const error = { code: 'unreadable', what: 'This is no ONNX model', todo: 'Choose another file', where: '', detail: 'byte 0' } as const;
    const panel = await openAttention({ model: null, host: { state: { kind: 'error', error } } });
    await panel.page.locator('.notice-error', { hasText: 'This is no ONNX model. Choose another file.' }).waitFor();
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });
});
