/** What is typed and what is shown of tokens; and the exports. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { TokenInfo } from '../../src/shared/protocol/engineApi.ts';
import { sparsePatterns } from '../../src/engine/analysis/patterns.ts';
import { makePalette } from '../../webview/lib/color/palette.ts';
import { headCsv, layersCsv } from '../../webview/attention/export/csv.ts';
import { fieldPaths, gridSvg, headSvg, xmlText } from '../../webview/lib/export/svg.ts';
import { draftOf, promptOf } from '../../webview/lib/text/prompt.ts';
import { exampleDraft, fitValues, promptKey, runInputs } from '../../webview/attention/model/prompt.ts';
import { initialState } from '../../webview/attention/model/state.ts';
import { emptyField, headField } from '../../webview/attention/pattern/field.ts';
import { parseIds, parseValues } from '../../webview/lib/text/ids.ts';
import { plainToken, visiblePieces, visibleText } from '../../src/shared/visible.ts';
import { summaryFixture } from './attention-summary.ts';

suite('token ids', () => {
  test('numbers apart by commas, spaces or lines, with or without brackets', () => {
    for (const text of ['1, 2, 3', '1 2 3', '[1,2,3]', ' 1\n2;3 ', '1,2,3,']) assert.deepEqual(parseIds(text), { ok: true, values: [1, 2, 3] }, text);
    assert.deepEqual(parseIds(''), { ok: true, values: [] });
  });

  test('the first word that is no id is named, with what to do', () => {
    for (const odd of ['abc', '-1', '1.5', '0x10', '1e3', '９']) {
      const parsed = parseIds(`4, ${odd}, x`);
      assert.ok(!parsed.ok && parsed.error.what === `"${odd}" is no token id` && parsed.error.todo !== '', odd);
    }
  });

  test('values of an input may be any number, one a place', () => {
    assert.deepEqual(parseValues('1, -0.5, 2e3', 3), { ok: true, values: [1, -0.5, 2000] });
    const parsed = parseValues('1, 0', 3);
    assert.ok(!parsed.ok && parsed.error.what === '2 values for 3 places');
  });
});

suite('visible tokens', () => {
  const shown: readonly (readonly [token: string, text: string])[] = [
    [' Lily', '·Lily'], ['\n', '↵'], ['\t', '→'], ['  ', '··'], ['<0xE2>', 'E2'], ['<0xE2><0x82>', 'E282'], ['\u200b', 'U+200B'], ['', '∅'],
    ['\u202e', 'U+202E'], ['café', 'café'], ['日本', '日本'], ['👩‍🔬', '👩U+200D🔬'], ['a<b', 'a<b'],
    ['\ufeffa', 'U+FEFFa'], ['❤\ufe0f', '❤U+FE0F'], ['\u0301', '◌\u0301'], ['e\u0301', 'e\u0301'], [' \u0301x', '·◌\u0301x'], ['a·b', 'aU+00B7b'], ['→', 'U+2192'], ['\t→', '→U+2192'], ['∅', 'U+2205'],
    ['\u3164', 'U+3164'], ['\u034f', 'U+034F'], ['\u2800', 'U+2800'], ['\r\n', '␍↵'], ['\u0000', 'U+0000'], ['שלום', 'שלום'], ['\u2066', 'U+2066'],
  ];
  for (const [token, text] of shown) {
    test(`${JSON.stringify(token)} is shown as ${text}`, () => assert.equal(visibleText(token), text));
  }

  const plain: readonly (readonly [token: string, text: string])[] = [
    ['<0xE2><0x82>', '<E2><82>'], ['E2', 'E2'], ['\ufeffa', '<U+FEFF>a'], ['U+FEFF', 'U+FEFF'], [' a', '·a'], ['\x1b[31m', '<U+001B>[31m'], ['', '∅'], ['\u202eabc', '<U+202E>abc'],
    [' שלום', '\u2066·שלום\u2069'], ['مرحبا', '\u2066مرحبا\u2069'],
  ];
  for (const [token, text] of plain) {
    test(`as plain text ${JSON.stringify(token)} is ${JSON.stringify(text)}`, () => assert.equal(plainToken(token), text));
  }

  test('no two of a thousand hard tokens look the same', () => {
    const parts = ['', ' ', '\n', '\r', '\t', '\u00a0', '·', '↵', '→', '␍', '⍽', '∅', '◌', 'a', 'e\u0301', '\u0301', '\u200b', '\u200d', '\ufeff', '\u202e', '<0xE2>', 'E2', 'U+200B', 'ש', '\ufe0f', '\u2028', '\x00', '\x7f', '\u0085', '\ufffd', '🙂', '漢'];
    const tokens = [...new Set(parts.flatMap((first) => parts.map((second) => first + second)))];
    const shown = new Map<string, string>();
    for (const token of tokens) {
      const text = plainToken(token);
      assert.equal(shown.get(text), undefined, `${JSON.stringify(token)} looks like ${JSON.stringify(shown.get(text))}`);
      assert.ok(!/[\p{Cc}\p{Zs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u.test(text.replace(/[\u2066\u2069]/g, '')), `${JSON.stringify(token)} is all to be seen`);
      shown.set(text, token);
    }
  });

  test('marks are told from text', () => {
    assert.deepEqual(visiblePieces(' a b'), [{ kind: 'mark', text: '·' }, { kind: 'text', text: 'a' }, { kind: 'mark', text: '·' }, { kind: 'text', text: 'b' }]);
  });
});

suite('prompt', () => {
  const draft = { ...initialState.draft, text: 'Hello', ids: '4, 5' };

  test('each mode gives its own prompt, and a prompt comes back as a draft', () => {
    for (const mode of ['text', 'ids'] as const) {
      const read = promptOf({ ...draft, mode });
      assert.ok(read.ok);
      assert.deepEqual(draftOf(read.prompt, { ...draft, mode }), { ...draft, mode });
    }
  });

  test('other values make another run', () => {
    const read = promptOf(draft);
    assert.ok(read.ok);
    assert.notEqual(promptKey(read, {}), promptKey(read, { mask: [0] }));
  });

  test('the example stays within context and vocabulary', () => {
    const small = summaryFixture({ context: 6, vocab: 40 });
    const read = promptOf(exampleDraft(small, { ...draft, mode: 'ids' }));
    assert.ok(read.ok && read.prompt.kind === 'ids');
    assert.ok(read.prompt.ids.length === 6 && read.prompt.ids.every((id) => id >= 0 && id < 40));
  });

  test('changed values follow the prompt to another length, as the engine would fill them', () => {
    assert.deepEqual(fitValues([0, 1], 'mask', 4), [0, 1, 1, 1]);
    assert.deepEqual(fitValues([5, 6, 7], 'positions', 2), [5, 6]);
    assert.deepEqual(fitValues([5], 'positions', 3), [5, 1, 2]);
    assert.deepEqual(fitValues([0.5], 'unknown', 3), [0.5]);
    const filled = [{ name: 'attention_mask', role: 'mask', filledWith: '', values: [1, 1], changeable: true }];
    assert.deepEqual(runInputs({ attention_mask: [0] }, filled, 3), { attention_mask: [0, 1, 1] });
  });
});

const token = (text: string, id: number): TokenInfo => ({ id, text, start: 0, end: 0, special: false, approximate: false });
const odd = [token('a,b', 1), token(' "q"', 2), token('\n', 3)];
const values = Float32Array.from([1, 0, 0, 0.25, 0.75, 0, 0.1, 0.2, 0.7]);
const causal = { rows: 3, cols: 3, causal: true, closed: null };
const layer = sparsePatterns({ shape: [1, 1, 3, 3], data: values }, { tower: '', attention: 'self', layer: 4 });

/** A reader of RFC 4180, written from the RFC and not from our writer. */
function readCsv(text: string): readonly (readonly string[])[] {
  const records: string[][] = [];
  let [record, field, quoted]: [string[], string, boolean] = [[], '', false];
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (quoted) {
      if (character !== '"') field += character;
      else if (text[at + 1] === '"') field += text[at++];
      else quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === ',') field = (record.push(field), '');
    else if (text.startsWith('\r\n', at)) {
      record.push(field);
      records.push(record);
      [record, field] = [[], ''];
      at++;
    } else field += character;
  }
  assert.deepEqual([record, field, quoted], [[], '', false], 'the file ends with a line end');
  return records;
}

suite('CSV', () => {
  test('one head: every cell, weights that read back as the same float, masked cells empty, tokens with commas and quotes whole', () => {
    const [header, ...records] = readCsv(headCsv({ tower: '', attention: 'self', layer: 4, head: 0 }, { dest: odd, source: odd }, { rows: 3, cols: 3, values }, causal));
    assert.deepEqual(header, ['address', 'destination', 'destination_token', 'source', 'source_token', 'weight']);
    assert.equal(records.length, 9);
    records.forEach((record, at) => {
      const [row, col] = [Math.floor(at / 3), at % 3];
      assert.deepEqual(record.slice(0, 5), ['L4H0', String(row), odd[row]?.text, String(col), odd[col]?.text]);
      assert.equal(record[5] === '' ? null : Math.fround(Number(record[5])), col > row ? null : values[at]);
    });
  });

  test('all heads: the cells that were sent, strongest first', () => {
    const records = readCsv(layersCsv([layer], () => ({ dest: odd, source: odd }))).slice(1);
    assert.deepEqual(records.map((record) => [record[1], record[3], record[5]]), [['0', '0', '1'], ['1', '1', '0.75'], ['1', '0', '0.25'], ['2', '2', '0.7'], ['2', '1', '0.2'], ['2', '0', '0.1']]);
  });

  test('NaN is written as such', () => {
    const csv = headCsv({ tower: '', attention: 'self', layer: 0, head: 0 }, { dest: odd, source: odd }, { rows: 1, cols: 1, values: Float32Array.of(NaN) }, causal);
    assert.equal(readCsv(csv)[1]?.[5], 'NaN');
  });
});

suite('SVG', () => {
  const palette = makePalette({ background: [0, 0, 0], foreground: [255, 255, 255], accent: [0, 0, 255], error: [255, 0, 0], highContrast: false });
  const field = headField(emptyField(causal, 64), layer, 0, 'linear');

  test('characters that XML reserves or forbids are written safely', () => {
    assert.equal(xmlText('<a & "b">\u0000\u0007\ud800'), '&lt;a &amp; &quot;b&quot;&gt;\ufffd\ufffd\ufffd');
    assert.equal(xmlText('👩'), '👩');
  });

  test('runs of equal cells are one rectangle, masked cells none', () => {
    const flat = headField(emptyField({ ...causal, causal: false }, 64), { ...layer, weights: new Float32Array(9) }, 0, 'linear');
    assert.equal(fieldPaths(flat, palette, { left: 0, top: 0, width: 30, height: 30 }).match(/M/g)?.length, 3);
    assert.ok(!fieldPaths(field, palette, { left: 0, top: 0, width: 30, height: 30 }).includes('M20 0'));
  });

  test('both drawings name what they show', () => {
    const drawing = { title: 'L4H0', note: 'model.onnx · linear scale', palette };
    for (const svg of [headSvg(drawing, field, ['a', 'b', 'c'], ['a', 'b', 'c']), gridSvg(drawing, [{ label: 'L4', heads: [field] }])]) {
      assert.ok(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg"') && svg.includes('<title>L4H0</title>') && svg.includes('linear scale'));
    }
  });
});
