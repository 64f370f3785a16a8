/** The prompts of the patching panel: both as tokens before anything runs, and everything that can be wrong with them. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import type { Experiment } from '../../src/shared/experiment/experiment.ts';
import { inTime } from '../lib/inTime.ts';
import { axeViolations } from './axe.ts';
import { closeBrowser } from './harness.ts';
import type { Panel } from './harness.ts';
import { area, button, byHead, field, openPatching, pair, problem, typed } from './patchingPanel.ts';
import { callsAre, holds, later, root, runDone, stories } from './steps.ts';

after(closeBrowser);

const columns = (panel: Panel): Promise<readonly string[]> =>
  panel.page.locator('.align-column').evaluateAll((all) => all.map((column) => [...column.querySelectorAll('.token')].map((token) => token.textContent?.trim()).join('|')));

/** Waits for the columns to be these. */
async function untilColumns(panel: Panel, expected: readonly string[]): Promise<void> {
  await panel.page.waitForFunction((wanted) => [...document.querySelectorAll('.align-column')].map((column) => [...column.querySelectorAll('.token')].map((token) => token.textContent?.trim()).join('|')).join(' ') === wanted, expected.join(' '))
    .catch(async () => assert.deepEqual(await columns(panel), expected));
}

suite('tokens beside each other', () => {
  test('while typing, before anything is run: each above its counterpart, with those marked that differ', async () => {
    const panel = await openPatching({});
    await area(panel, 'clean').fill('cat milk door');
    await untilColumns(panel, ['<bos>', 'cat', 'milk', 'door']);
    await area(panel, 'corrupted').fill('cat snow door');
    await untilColumns(panel, ['<bos>|<bos>', 'cat|cat', 'milk|snow', 'door|door']);
    await panel.page.locator('.align-caption:visible', { hasText: /^4 tokens each$/ }).waitFor();
    await inTime(async () => assert.deepEqual(await panel.page.locator('.align-clean, .align-corrupted').allInnerTexts(), ['milk', 'snow']));
    await callsAre(panel, 'experiment', []);
    assert.deepEqual(await axeViolations(panel.page), []);
    await panel.close();
  });

  test('prompts of other lengths: where they part is marked and said, and nothing is run', async () => {
    const panel = await openPatching({ patching: { experiment: byHead } });
    await typed(panel);
    await area(panel, 'corrupted').fill('cat milk snow door piano wolf bread cat milk door door');
    const text = 'The clean prompt has 11 tokens and the corrupted one 12; they part at position 3, “door” against “snow”. Give both as many tokens, so that each position has its counterpart.';
    await problem(panel, text).waitFor();
    await inTime(async () => assert.equal(await panel.page.locator('.align-parting').count(), 1));
    await inTime(async () => assert.match(await panel.page.locator('.align-parting').innerText(), /^door\s*snow/));
    await area(panel, 'corrupted').press('Control+Enter');
    await callsAre(panel, 'experiment', []);
    await holds(area(panel, 'corrupted'), 'cat milk snow door piano wolf bread cat milk door door');
    await area(panel, 'corrupted').fill(pair.corrupted);
    await problem(panel, text).waitFor({ state: 'hidden' });
    await area(panel, 'corrupted').press('Control+Enter');
    assert.equal(await runDone(panel), 'done');
    await panel.close();
  });

  test('a prompt that was just corrected runs once its tokens are there, or says then what is wrong with it', async () => {
    let gate = later();
    gate.settle();
    const panel = await openPatching({
      patching: { experiment: byHead },
      handlers: (real) => ({
        tokenize: async (params, context) => {
          await gate.promise;
          return real.tokenize(params, context);
        },
      }),
    });
    await typed(panel);
    const runLate = async (text: string): Promise<void> => {
      gate = later();
      const asked = panel.callsOf('tokenize').length;
      await area(panel, 'corrupted').fill(text);
      await area(panel, 'corrupted').press('Control+Enter');
      await inTime(() => assert.ok(panel.callsOf('tokenize').length > asked, 'the tokens are not asked for'));
      await panel.heard();
    };
    const differs = /^The clean prompt has 11 tokens and the corrupted one 10;/;
    await area(panel, 'corrupted').fill('cat milk door wolf snow piano bread cat milk');
    await problem(panel, differs).waitFor();
    await runLate('cat milk door wolf snow piano bread cat milk milk door');
    gate.settle();
    await problem(panel, /^The clean prompt has 11 tokens and the corrupted one 12;/).waitFor();
    await callsAre(panel, 'experiment', []);
    await runLate(pair.corrupted);
    await callsAre(panel, 'experiment', [], 'before the tokens are there');
    gate.settle();
    assert.equal(await runDone(panel), 'done');
    await callsAre(panel, 'experiment', [{ experiment: byHead, resume: false }]);
    await panel.close();
  });

  test('the same prompt twice says that a patch changes nothing', async () => {
    const panel = await openPatching({ patching: { experiment: { ...byHead, pairs: [{ ...pair, corrupted: pair.clean }] } } });
    await problem(panel, 'Both prompts have the same tokens, so that a patch changes nothing. Change what matters in one of them.').waitFor();
    await panel.close();
  });
});

suite('a draft', () => {
  const draft = { ...byHead, pairs: [{ clean: pair.clean, corrupted: '' }] };

  test('without corrupted prompt and target is shown without a word against it; when it is to run, each gap is said beside its field', async () => {
    const panel = await openPatching({ patching: { experiment: draft } });
    await typed(panel);
    assert.equal(await panel.page.locator('.field-problem:visible').count(), 0);
    await button(panel, 'Run').first().click();
    await problem(panel, 'There is no corrupted prompt. Type one that differs from the clean one in what matters, with as many tokens.').waitFor();
    await problem(panel, 'There is no target. Type the token that should follow, with its space, or measure by KL divergence.').waitFor();
    await callsAre(panel, 'experiment', []);
    await panel.close();
  });

  test('filled in step by step it runs, and each step is told to the host', async () => {
    const panel = await openPatching({ patching: { experiment: draft } });
    await typed(panel);
    await area(panel, 'corrupted').fill(pair.corrupted);
    await field(panel, 'target').fill(pair.target);
    await field(panel, 'distractor').fill(pair.distractor);
    await panel.page.locator('.field-hint', { hasText: 'wolf id 215' }).waitFor();
    await panel.page.keyboard.press('Control+Enter');
    assert.equal(await runDone(panel), 'done');
    await inTime(() => assert.deepEqual((panel.callsOf('remember').at(-1) as { readonly experiment: unknown }).experiment, { ...byHead }));
    await panel.close();
  });
});

test('what is typed before the host’s word comes is kept, and told to the host; what was not touched is as the host says', async () => {
  const gate = later();
  const panel = await openPatching({
    patching: { experiment: { ...byHead, pairs: [{ clean: 'cat', corrupted: 'milk', target: ' door' }], position: 0 } },
    handlers: (real) => ({
      ready: async (params, context) => {
        await gate.promise;
        return real.ready(params, context);
      },
    }),
  });
  await area(panel, 'clean').fill(pair.clean);
  await area(panel, 'corrupted').fill(pair.corrupted);
  await panel.heard();
  gate.settle();
  await typed(panel);
  await inTime(() => assert.deepEqual(panel.callsOf('remember'), [{ experiment: { ...byHead, pairs: [{ clean: pair.clean, corrupted: pair.corrupted }], position: 0 } }]));
  await holds(area(panel, 'clean'), pair.clean);
  await holds(area(panel, 'corrupted'), pair.corrupted);
  await holds(field(panel, 'target'), '');
  await holds(field(panel, 'position'), '0');
  await panel.close();
});

suite('an encoder-decoder', () => {
  const bart = join(root, 'test/fixtures/cells/bart/torch-20.onnx');
  const pairs = [{ clean: [5, 9, 12, 30, 41], corrupted: [5, 9, 14, 30, 41], target: 9, distractor: 7, prompts: { dec: { clean: [2, 7, 30], corrupted: [2, 8, 30] } } }];
  const experiment: Experiment = { ...byHead, pairs, special: false };
  /** Waits for the tokens of a tower, the caption in front. */
  async function untilTower(panel: Panel, tower: 0 | 1, caption: string, columns: string): Promise<void> {
    await panel.page.waitForFunction(({ at, wanted }) => {
      const shown = [...document.querySelectorAll('.prompts')].filter((one) => one.checkVisibility())[at];
      const tokens = [...shown?.querySelectorAll('.align-column') ?? []].map((column) => [...column.querySelectorAll('.token')].map((token) => token.textContent?.trim()).join('|'));
      return [shown?.querySelector('.align-caption')?.textContent, ...tokens].join(' ') === wanted;
    }, { at: tower, wanted: `${caption} ${columns}` });
  }

  test('has fields for the decoder’s prompts too, and what is changed there is what runs and what is told to the host', async () => {
    const panel = await openPatching({ model: bart, patching: { experiment } });
    await untilTower(panel, 0, '5 tokens each', '5|5 9|9 12|14 30|30 41|41');
    await untilTower(panel, 1, '3 tokens each', '2|2 7|8 30|30');
    await holds(area(panel, 'dec.clean'), '2, 7, 30');
    assert.deepEqual(await axeViolations(panel.page), []);
    await panel.screenshot('patching-encoder-decoder');
    await area(panel, 'dec.corrupted').fill('2, 8');
    await problem(panel, /^The clean prompt has 3 tokens and the corrupted one 2; they part at position 1/).waitFor();
    await area(panel, 'dec.corrupted').fill('');
    await untilTower(panel, 1, '3 tokens', '2 7 30');
    await area(panel, 'dec.clean').fill('2, 7, 30, 11');
    await untilTower(panel, 1, '4 tokens', '2 7 30 11');
    await panel.page.keyboard.press('Control+Enter');
    assert.equal(await runDone(panel), 'done');
    const changed = [{ ...pairs[0], prompts: { dec: { clean: [2, 7, 30, 11], corrupted: [2, 7, 30, 11] } } }];
    const [call] = panel.callsOf('experiment') as readonly { readonly experiment: Experiment }[];
    assert.deepEqual(call?.experiment.pairs, changed);
    await inTime(() => assert.deepEqual((panel.callsOf('remember').at(-1) as { readonly experiment: Experiment }).experiment.pairs, changed));
    await panel.close();
  });

  test('the position is one of the decoder’s; prompts of the first tower that are the same are fine where the decoder’s differ', async () => {
    const same = [{ ...pairs[0], clean: [5, 9], corrupted: [5, 9], target: 9 }];
    const panel = await openPatching({ model: bart, patching: { experiment: { ...experiment, pairs: same, position: 2 } } });
    await untilTower(panel, 1, '3 tokens each', '2|2 7|8 30|30');
    assert.equal(await panel.page.locator('.field-problem:visible').count(), 0);
    await field(panel, 'position').fill('3');
    await problem(panel, 'The prompt has 3 tokens. Choose 0 to 2, or −1 for the last.').waitFor();
    await area(panel, 'dec.corrupted').fill('');
    await problem(panel, 'Both prompts have the same tokens').waitFor();
    await area(panel, 'dec.clean').fill('');
    await area(panel, 'dec.corrupted').fill('2, 7');
    await panel.page.keyboard.press('Control+Enter');
    await problem(panel, 'There is no clean prompt beside the corrupted one. Type it, or leave both empty.').waitFor();
    await panel.close();
  });
});

suite('a target', () => {
  test('of several tokens is told with its tokens, beside its field', async () => {
    const panel = await openPatching({ model: stories, patching: { experiment: { ...byHead, pairs: [{ clean: 'Lily and Ben went to the park. Ben gave a ball to', corrupted: 'Lily and Ben went to the park. Lily gave a ball to', target: ' Lily' }] } } });
    await panel.page.locator('.field-hint', { hasText: /^·?Lily id \d+$/ }).waitFor();
    await field(panel, 'target').fill(' Lilywhites');
    await problem(panel, /^The target is \d tokens \(“·?Lil.*\)\. Give one token as it would follow the prompt, with its space in front\.$/).waitFor();
    await panel.page.keyboard.press('Control+Enter');
    await callsAre(panel, 'experiment', []);
    await panel.close();
  });

  test('and positions outside the prompt, and layers that are none, are said beside theirs', async () => {
    const panel = await openPatching({ patching: { experiment: byHead } });
    await typed(panel);
    for (const [name, text, said] of [
      ['position', '11', 'The prompt has 11 tokens. Choose 0 to 10, or −1 for the last.'],
      ['position', 'last', 'A position is a whole number. Write −1 for the last token.'],
      ['layers', '0, 7', '“7” is no layer. Write numbers from 0 to 1, or nothing for all.'],
    ] as const) {
      const before = await field(panel, name).inputValue();
      await field(panel, name).fill(text);
      await problem(panel, said).waitFor();
      await field(panel, name).fill(before);
      await problem(panel, said).waitFor({ state: 'hidden' });
    }
    await panel.close();
  });

  test('as ids: prompts and tokens are read as ids, and the first that is none is named', async () => {
    const panel = await openPatching({ model: 'gpt2-sdpa-20' });
    await area(panel, 'clean').fill('5, 6, 7');
    await area(panel, 'corrupted').fill('5, 8, 7');
    await field(panel, 'target').fill('9');
    await untilColumns(panel, ['5|5', '6|8', '7|7']);
    await panel.page.keyboard.press('Control+Enter');
    assert.equal(await runDone(panel), 'done');
    const [call] = panel.callsOf('experiment') as readonly { readonly experiment: { readonly pairs: unknown } }[];
    assert.deepEqual(call?.experiment.pairs, [{ clean: [5, 6, 7], corrupted: [5, 8, 7], target: 9 }]);
    await area(panel, 'clean').fill('5, six');
    await problem(panel, '"six" is no token id. Ids are whole numbers from 0, separated by commas.').waitFor();
    await panel.close();
  });
});

test('in a workspace that is not trusted nothing runs and nothing is asked; one line says what to do', async () => {
  const panel = await openPatching({ host: { trusted: false }, patching: { experiment: byHead } });
  await panel.page.locator('.notice', { hasText: 'Running a model needs a trusted workspace' }).waitFor();
  await button(panel, 'Run').waitFor({ state: 'hidden' });
  await area(panel, 'clean').press('Control+Enter');
  await panel.heard();
  assert.deepEqual([panel.callsOf('experiment'), panel.callsOf('tokenize')], [[], []]);
  panel.update({ trusted: true });
  await typed(panel);
  await panel.close();
});
