/** The panel of neurons: what it shows is what the index and the engine say, by mouse and by keyboard. */
import assert from 'node:assert/strict';
import { copyFileSync, rmSync } from 'node:fs';
import { after, before, suite, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { fixed, percent, significant } from '../../src/shared/format.ts';
import { plainToken } from '../../src/shared/visible.ts';
import type { NeuronFigures } from '../../src/shared/neurons/figures.ts';
import { inTime } from '../lib/inTime.ts';
import { Scratch } from '../lib/scratch.ts';
import { openEngine } from '../engine/lib/openEngine.ts';
import { closeBrowser } from './harness.ts';
import type { Panel } from './harness.ts';
import { indexedStories, openNeurons } from './neuronPanel.ts';
import { callsAre, later, saved, stories } from './steps.ts';
import type { Saved } from './steps.ts';

const scratch = new Scratch();
let db = '';
let opened: Awaited<ReturnType<typeof openEngine>>;

before(async () => {
  ({ db } = await indexedStories(scratch));
  opened = await openEngine(stories, null);
});
after(closeBrowser);

const figuresOf = (address: string): Promise<NeuronFigures> => Promise.resolve(opened.engine.neuronFigures({ db, address }, opened.call));
const shows = (panel: Panel, address: string): Promise<void> => panel.page.waitForFunction((wanted) => document.querySelector<HTMLInputElement>('.neuron-address')?.value === wanted && document.querySelectorAll('.example').length > 0, address).then(() => undefined);

const ends = async (panel: Panel): Promise<void> => {
  assert.deepEqual(panel.problems, []);
  await panel.close();
};

suite('a neuron', () => {
  test('is shown with the figures, examples, histogram and output tokens of the index', async () => {
    const figures = await figuresOf('L2N7');
    const panel = await openNeurons({ db, address: 'L2N7' });
    await shows(panel, 'L2N7');
    await panel.page.locator('.neuron-what', { hasText: /^Neuron 7 of 1,024 in the MLP of layer 2/ }).waitFor();
    await panel.page.locator('.neuron-figures', { hasText: `of ${figures.tokens.toLocaleString('en-US')} tokens` }).waitFor();
    const [strongest] = figures.examples;
    assert.ok(strongest);
    const first = panel.page.locator('.example').first();
    assert.equal(await first.locator('.context').evaluate((element) => element.textContent?.replaceAll('·', ' ').replaceAll('↵', '\n')), strongest.context.tokens.join(''));
    assert.equal(Number(await first.locator('.example-value').innerText()), Number(strongest.activation.toPrecision(3)));
    await inTime(async () => assert.equal(await panel.page.locator('.histogram-bin').count(), figures.histogram.counts.length));
    const { outputTokens } = figures;
    assert.ok(outputTokens.kind === 'effects');
    await inTime(async () => assert.equal(await panel.page.locator('.output').count(), outputTokens.top.length + outputTokens.bottom.length));
    await ends(panel);
  });

  test('tints every token around its examples by the activation there', async () => {
    const panel = await openNeurons({ db, address: 'L2N7' });
    await shows(panel, 'L2N7');
    const figures = await figuresOf('L2N7');
    const [strongest] = figures.examples;
    assert.ok(strongest);
    // Each token has its activation once its row was run.
    await panel.page.locator('.example').first().locator('.context-token:not([title])').first().waitFor({ state: 'detached' });
    const told = await panel.page.locator('.example').first().locator('.context-token').evaluateAll((tokens) => tokens.map((token) => [(token as HTMLElement).title, (token as HTMLElement).style.backgroundColor]));
    const at = strongest.context.at;
    assert.equal(told[at]?.[0], String(Number(strongest.activation.toPrecision(3))));
    assert.notEqual(told[at]?.[1], '', 'the strongest token has no tint');
    const tinted = told.map(([title = '', colour = '']) => ({ value: Number(title.replace('−', '-')), rgb: colour.match(/\d+/g)?.map(Number) ?? [] }));
    const limit = Math.max(strongest.activation, -figures.histogram.low);
    // A hundredth of the scale may be rounded away.
    const seen = tinted.filter(({ value }) => Math.abs(value) > limit / 100);
    assert.ok(seen.some(({ value }) => value < 0) && seen.some(({ value }) => value > 0), 'the example has tokens of both signs');
    for (const { value, rgb: [red = NaN, , blue = NaN] } of seen) assert.ok(value > 0 ? blue > red : red > blue, `the tint of ${value} is that of the other sign, or none: ${JSON.stringify(told)}`);
    await panel.page.getByLabel(`Tints from an activation of ${significant(-limit)} to ${significant(limit)}`, { exact: true }).waitFor();
    await ends(panel);
  });

  test('is gone on from by keys, by its address, and from outside', async () => {
    const panel = await openNeurons({ db, address: 'L2N7' });
    const { page } = panel;
    await shows(panel, 'L2N7');
    await page.locator('.example-button').first().focus();
    await page.keyboard.press(']');
    await shows(panel, 'L2N8');
    await page.keyboard.press('{');
    await shows(panel, 'L1N8');
    await page.keyboard.press('/');
    await page.keyboard.type('L9N3');
    await page.keyboard.press('Enter');
    await page.locator('.neuron-problem').getByText('There is no layer 9 with neurons', { exact: true }).waitFor();
    await page.locator('.neuron-address').fill('L3N1000');
    await page.keyboard.press('Enter');
    await shows(panel, 'L3N1000');
    panel.emit('reveal', { address: 'L0N1' });
    await shows(panel, 'L0N1');
    await inTime(() => assert.deepEqual(panel.callsOf('remember').at(-1), { address: 'L0N1', text: '' }));
    await ends(panel);
  });

  test('opens the text of an example, and shows all examples as a table', async () => {
    const figures = await figuresOf('L2N7');
    const panel = await openNeurons({ db, address: 'L2N7' });
    const { page } = panel;
    await shows(panel, 'L2N7');
    await page.locator('.example-button').first().click();
    const { file, record, offset, token } = figures.examples[0] ?? assert.fail('no examples');
    await callsAre(panel, 'openText', [{ file, record, offset, token }]);
    await page.keyboard.press('t');
    await page.locator('.neuron-table tbody tr').first().waitFor();
    await inTime(async () => assert.equal(await page.locator('.neuron-table tbody tr').count(), figures.examples.length));
    await page.locator('.examples').waitFor({ state: 'hidden' });
    await page.keyboard.press('Escape');
    await page.locator('.examples').waitFor();
    await ends(panel);
  });

  test('is saved as CSV, JSON and SVG with what the index has', async () => {
    const figures = await figuresOf('L2N7');
    const panel = await openNeurons({ db, address: 'L2N7' });
    await shows(panel, 'L2N7');
    const { weights, examples } = await opened.engine.similarNeurons({ db, address: 'L2N7' }, opened.call);
    await panel.page.getByRole('list', { name: 'Fire alike' }).waitFor();
    const files: Saved[] = [];
    for (const format of ['CSV', 'JSON', 'SVG']) files.push(await saved(panel, format));
    assert.deepEqual(files.map(({ name }) => name), ['stories-L2N7.csv', 'stories-L2N7.json', 'stories-L2N7.svg']);
    assert.ok(weights.kind === 'found' && examples.kind === 'found');
    const rows: readonly Readonly<Record<string, string>>[] = parse(files[0]?.content ?? '', { columns: true });
    const rowsOf = (what: string): readonly Readonly<Record<string, string>>[] => rows.filter((row) => row['what'] === what);
    assert.deepEqual(rowsOf('example').map(({ neuron, activation, context }) => [neuron, Math.fround(Number(activation)), context]), figures.examples.map((one) => ['L2N7', one.activation, one.context.tokens.join('')]));
    for (const [what, list] of [['writes alike', weights], ['fires alike', examples]] as const) {
      assert.deepEqual(rowsOf(what).map(({ similar, similarity, reading }) => [similar, Number(similarity), reading]), list.neurons.map(({ address, similarity, labels }) => [address, similarity, labels[0] ?? '']));
    }
    assert.deepEqual(JSON.parse(files[1]?.content ?? ''), JSON.parse(JSON.stringify({ ...figures, similar: { weights, examples } })));
    for (const { address } of [...weights.neurons, ...examples.neurons]) assert.ok(files[2]?.content.includes(`>${address} `), `the drawing lacks ${address}`);
    const parsed = await panel.page.evaluate((svg) => new DOMParser().parseFromString(svg, 'image/svg+xml').querySelector('parsererror')?.textContent ?? '', files[2]?.content ?? '');
    assert.equal(parsed, '');
    await ends(panel);
  });
});

suite('a text that is typed', () => {
  test('has the engine’s activation at each token, with what takes all the ink from the index', async () => {
    const panel = await openNeurons({ db, address: 'L2N7' });
    const { page } = panel;
    await shows(panel, 'L2N7');
    const text = '"Hello," said Lily.';
    await page.locator('.live-area textarea').fill(text);
    await page.locator('.live .token').nth(3).waitFor();
    const { tokens, values } = await opened.engine.neuronLive({ prompt: { kind: 'text', text, special: true }, address: 'L2N7' }, opened.call);
    await inTime(async () => {
      const titles = await page.locator('.live .token').evaluateAll((all) => all.map((one) => (one as HTMLElement).title.split(' · ')[0]));
      assert.equal(titles.length, tokens.length);
      assert.deepEqual(titles.map((title) => Number(title?.replace('−', '-'))), [...values].map((value) => Number(value.toPrecision(3))));
    });
    await ends(panel);
  });

  test('is kept through a reload, and run again for another neuron', async () => {
    const panel = await openNeurons({ db, address: 'L2N7' });
    const { page } = panel;
    await shows(panel, 'L2N7');
    await page.locator('.live-area textarea').fill('Lily and Ben');
    await page.locator('.live .token').first().waitFor();
    await page.locator('.example-button').first().focus();
    await page.keyboard.press(']');
    await shows(panel, 'L2N8');
    await panel.reload();
    await shows(panel, 'L2N8');
    await page.locator('.live .token').first().waitFor();
    await panel.heard();
    assert.deepEqual((panel.callsOf('live') as readonly { readonly address: string }[]).map(({ address }) => address).filter((address, at, all) => address !== all[at - 1]), ['L2N7', 'L2N8']);
    await ends(panel);
  });
});

suite('readings and other neurons', () => {
  /** One with more than one reading, if the text has any. */
  const withReadings = async (): Promise<NeuronFigures> => {
    const layers = await opened.engine.neuronLayers({ db }, opened.call);
    const address = [...layers.flatMap(({ polysemantic }) => polysemantic), ...layers.flatMap(({ monosemantic }) => monosemantic)][0]?.address;
    assert.ok(address !== undefined, 'no neuron of the text has a reading');
    return figuresOf(address);
  };

  test('a press on a reading shows its examples alone, and another one all again', async () => {
    const figures = await withReadings();
    const panel = await openNeurons({ db, address: figures.address });
    const { page } = panel;
    await shows(panel, figures.address);
    await inTime(async () => assert.deepEqual(await page.locator('.reading-label').allInnerTexts(), figures.readings.map(({ label }) => label)));
    const own = figures.examples.filter(({ reading }) => reading === 0);
    await page.locator('.reading').first().click();
    await page.locator('.reading[aria-pressed="true"]').waitFor();
    for (const more of await page.getByRole('button', { name: /^Show all/ }).all()) await more.click();
    await page.waitForFunction((count) => document.querySelectorAll('.example').length === count, own.length);
    await page.locator('.reading').first().press('Enter');
    await page.waitForFunction((count) => document.querySelectorAll('.example').length > count, own.length);
    await ends(panel);
  });

  test('a reading is tried on the typed text, with what the engine says of it', async () => {
    const figures = await withReadings();
    const panel = await openNeurons({ db, address: figures.address });
    const { page } = panel;
    await shows(panel, figures.address);
    const text = '"Look," said Lily. The dog and the cat went to the park.';
    await page.locator('.live-area textarea').fill(text);
    await page.getByRole('button', { name: 'Test on the text above' }).click();
    await page.locator('.trial-table').waitFor();
    const trial = await opened.engine.testReadings({ db, address: figures.address, text: { kind: 'typed', text } }, opened.call);
    await page.locator('.trial-table caption', { hasText: new RegExp(`^Of ${trial.tokens} tokens it fires on ${trial.fires},`) }).waitFor();
    assert.deepEqual(await page.locator('.trial-table tbody tr').evaluateAll((rows) => rows.map((row) => row.querySelector('td')?.textContent)), [...trial.readings, ...(trial.readings.length > 1 ? [trial.together] : [])].map(({ holds }) => String(holds)));
    await ends(panel);
  });

  test('neurons are found by a word, and shown when they are pressed', async () => {
    const panel = await openNeurons({ db, address: 'L2N7' });
    const { page } = panel;
    await shows(panel, 'L2N7');
    await page.locator('.example-button').first().focus();
    await page.keyboard.press('f');
    await page.keyboard.type('Lily');
    const expected = await opened.engine.searchNeurons({ db, token: 'Lily', limit: 30 }, opened.call);
    assert.ok(expected.found.length > 0);
    const found = page.getByRole('list', { name: 'Found' });
    await found.waitFor();
    await inTime(async () => assert.deepEqual(await found.locator('.neuron-item-address').allInnerTexts(), expected.found.map(({ address }) => address)));
    await found.getByRole('button').first().click();
    await shows(panel, expected.found[0]?.address ?? '');
    await page.getByLabel('What the word is to the neurons').selectOption('raise');
    await inTime(() => assert.equal((panel.callsOf('search').at(-1) as { readonly output?: string }).output, 'Lily'));
    await ends(panel);
  });

  test('that are similar are listed as the engine tells them, and shown when they are pressed', async () => {
    const { weights, examples } = await opened.engine.similarNeurons({ db, address: 'L2N7' }, opened.call);
    assert.ok(weights.kind === 'found' && examples.kind === 'found' && weights.neurons.length === 10 && examples.neurons.length === 10);
    const panel = await openNeurons({ db, address: 'L2N7' });
    const { page } = panel;
    await shows(panel, 'L2N7');
    const [writing, firing] = [page.getByRole('list', { name: 'Write alike' }), page.getByRole('list', { name: 'Fire alike' })];
    await writing.waitFor();
    const cells = (list: typeof writing): Promise<readonly (readonly (string | null)[])[]> => list.locator('.neuron-item').evaluateAll((items) => items.map((item) => [...item.children].map(({ textContent }) => textContent)));
    await inTime(async () => assert.deepEqual(await cells(writing), weights.neurons.map(({ address, labels, similarity }) => [address, labels[0] ?? '', fixed(similarity, 3)])));
    await inTime(async () => assert.deepEqual(await cells(firing), examples.neurons.map(({ address, labels, similarity }) => [address, labels[0] ?? '', percent(similarity)])));
    await firing.getByRole('button').first().press('Enter');
    const next = examples.neurons[0]?.address ?? '';
    await shows(panel, next);
    const ofNext = await opened.engine.similarNeurons({ db, address: next }, opened.call);
    assert.ok(ofNext.weights.kind === 'found');
    const expected = ofNext.weights.neurons.map(({ address }) => address);
    await inTime(async () => assert.deepEqual(await writing.locator('.neuron-item-address').allInnerTexts(), expected));
    await ends(panel);
  });

  test('what others say of one stands below its readings as theirs, and is looked for', async () => {
    const description = { text: 'Children who are named', source: 'gpt-4', score: 0.712 };
    await opened.engine.importDescriptions({ db, file: scratch.write('list.json', JSON.stringify([{ address: 'L2N9', description: description.text, source: description.source, score: description.score }])) }, opened.call);
    const panel = await openNeurons({ db, address: 'L2N9' });
    const { page } = panel;
    await shows(panel, 'L2N9');
    const others = page.getByRole('list', { name: 'Described by others' });
    await inTime(async () => assert.deepEqual(await others.locator('li span').allTextContents(), [description.text, description.source, '0.712']));
    await page.locator('.example-button').first().focus();
    await page.keyboard.press(']');
    await shows(panel, 'L2N10');
    await others.waitFor({ state: 'detached' });
    await page.getByLabel('What the word is to the neurons').selectOption('are described as');
    await page.locator('.find-text').fill('NAMED');
    const found = page.getByRole('list', { name: 'Found' }).locator('.neuron-item');
    await found.first().waitFor();
    await inTime(async () => assert.deepEqual(await found.locator('.neuron-item-address').allInnerTexts(), ['L2N9']));
    await inTime(async () => assert.equal(await found.locator('.neuron-item-words').innerText(), '“Children who are named” (gpt-4)'));
    await ends(panel);
  });

  test('at a chosen token of the typed text are listed with what they add to the prediction', async () => {
    const panel = await openNeurons({ db, address: 'L2N7' });
    const { page } = panel;
    await shows(panel, 'L2N7');
    const text = 'Lily and Ben went to the';
    await page.locator('.live-area textarea').fill(text);
    const tokens = page.locator('.live .token');
    await tokens.nth(3).waitFor();
    await tokens.last().click();
    await page.locator('section[aria-label="Neurons at the chosen token"] .neuron-item').first().waitFor();
    const position = (await tokens.count()) - 1;
    const here = await opened.engine.neuronsHere({ db, prompt: { kind: 'text', text, special: true }, position, target: null }, opened.call);
    await inTime(async () => assert.deepEqual(await page.locator('section[aria-label="Neurons at the chosen token"] .neuron-item-address').allInnerTexts(), [...here.firing.slice(0, 8), ...here.moving.slice(0, 8)].map(({ address }) => address)));
    const heads = await page.locator('section[aria-label="Neurons at the chosen token"] h3').allTextContents();
    assert.deepEqual(heads, ['Activation, as a share of its maximum in the index', `Added to the logit of “${plainToken(here.target.token)}” on the direct way`]);
    await ends(panel);
  });

  test('at a token of a text that was changed since are not shown', async () => {
    const gate = later();
    let wasStopped: boolean | undefined;
    const panel = await openNeurons({ db, address: 'L2N7', handlers: (real) => ({
      here: async (params, context) => {
        await gate.promise;
        wasStopped = context.signal.aborted;
        return real.here(params, context);
      },
    }) });
    const { page } = panel;
    await shows(panel, 'L2N7');
    await page.locator('.live-area textarea').fill('Lily and Ben');
    await page.locator('.live .token').first().click();
    await inTime(() => assert.equal(panel.callsOf('here').length, 1));
    await page.locator('.live-area textarea').fill('The dog');
    await page.locator('.live .token', { hasText: 'dog' }).waitFor();
    gate.settle();
    await inTime(() => assert.equal(wasStopped, true, 'the question goes on'));
    await panel.heard();
    assert.equal(await page.locator('section[aria-label="Neurons at the chosen token"]').isHidden(), true);
    await ends(panel);
  });
});

suite('without an index', () => {
  test('a neuron says how it gets one, and runs what is typed all the same', async () => {
    const panel = await openNeurons({ address: 'L2N7' });
    const { page } = panel;
    await page.getByText('What a neuron fires on is told from texts of yours').waitFor();
    await page.getByRole('button', { name: 'Index neurons…' }).click();
    await callsAre(panel, 'makeIndex', [{}]);
    assert.ok(await page.locator('.legend').isHidden(), 'a scale of nothing');
    await page.locator('.live-area textarea').fill('Lily');
    await page.locator('.live .token').first().waitFor();
    await page.locator('.legend').waitFor();
    await ends(panel);
  });

  test('of another model nothing is shown from it, and it may be made again', async () => {
    const panel = await openNeurons({ address: 'L2N7', handlers: () => ({ index: () => ({ kind: 'another', reason: 'The model changed since its index was made from stories.onnx', info: { model: '', finished: true, tokens: 1, expected: 1, rows: 1, texts: [], layers: 1, neurons: 1, heads: 1, bytes: 1 } }) }) });
    await panel.page.getByText('The model changed since its index was made from stories.onnx. Nothing is shown from it.').waitFor();
    assert.equal(await panel.page.locator('.example').count(), 0);
    assert.deepEqual(panel.callsOf('neuron'), []);
    await panel.page.getByRole('button', { name: 'Index again…' }).click();
    await callsAre(panel, 'makeIndex', [{}]);
    await ends(panel);
  });

  test('and in a workspace that is not trusted nothing is run', async () => {
    const panel = await openNeurons({ db, address: 'L2N7', host: { trusted: false } });
    await shows(panel, 'L2N7');
    await panel.page.locator('.live-area textarea:disabled').waitFor();
    await panel.heard();
    assert.deepEqual([...panel.callsOf('live'), ...panel.callsOf('shades')], []);
    await ends(panel);
  });
});

suite('an index that another program changes', () => {
  test('is shown as it is now: what is said of a neuron, and nothing once the index is gone', async () => {
    const own = scratch.path('changed.db');
    copyFileSync(db, own);
    const panel = await openNeurons({ db: own, address: 'L2N11' });
    const { page } = panel;
    await shows(panel, 'L2N11');
    assert.equal(await page.getByRole('list', { name: 'Described by others' }).count(), 0);
    await opened.engine.importDescriptions({ db: own, file: scratch.write('later.json', JSON.stringify([{ address: 'L2N11', description: 'said later' }])) }, opened.call);
    panel.emit('index', {});
    await page.getByRole('list', { name: 'Described by others' }).getByText('said later').waitFor();
    rmSync(own);
    panel.emit('index', {});
    await page.getByText('What a neuron fires on is told from texts of yours').waitFor();
    for (const part of ['.example', '.histogram-bin', '.neuron-item']) assert.equal(await page.locator(part).filter({ visible: true }).count(), 0, part);
    await ends(panel);
  });

  test('over other texts has the tints of those', async () => {
    const [own, other] = [scratch.path('shown.db'), scratch.path('other.db')];
    copyFileSync(db, own);
    const text = scratch.write('other.txt', 'Ben had a small dog. The dog was happy, and Ben was happy too. They went to the park and saw a bird.');
    await opened.engine.indexNeurons({ texts: [{ path: text }], db: other }, opened.call);
    const panel = await openNeurons({ db: own, address: 'L2N7' });
    const { page } = panel;
    await shows(panel, 'L2N7');
    const first = page.locator('.example').first();
    await first.locator('.context-token:not([title])').first().waitFor({ state: 'detached' });
    copyFileSync(other, own);
    panel.emit('index', {});
    const { examples } = await Promise.resolve(opened.engine.neuronFigures({ db: other, address: 'L2N7' }, opened.call));
    const [strongest] = examples;
    assert.ok(strongest);
    const [expected] = await Promise.resolve(opened.engine.exampleActivations({ db: other, address: 'L2N7', examples: [{ row: strongest.row, position: strongest.position }] }, opened.call));
    const wanted = [...expected?.activations ?? []].map((value) => Number(value.toPrecision(3)));
    await inTime(async () => assert.deepEqual(await first.locator('.context-token').evaluateAll((tokens) => tokens.map((token) => Number((token as HTMLElement).title.replace('−', '-')))), wanted));
    await ends(panel);
  });
});
