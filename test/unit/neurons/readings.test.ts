/** What can be said of a token, groups of directions, and rules that name a group. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Background } from '../../../src/engine/neurons/readings/background.ts';
import { cluster, normalise } from '../../../src/engine/neurons/readings/cluster.ts';
import { ruleOf } from '../../../src/engine/neurons/readings/rules.ts';
import { bitOf, Traits } from '../../../src/engine/neurons/readings/traits.ts';
import { ruleLabel } from '../../../src/shared/neurons/readings.ts';
import type { TokenClass } from '../../../src/shared/neurons/readings.ts';
import { gaussians } from '../../../src/engine/neurons/hash.ts';

const vocabulary = ['<|endoftext|>', ' Lily', ' said', ',', ' "', 'Hello', '.', '"', ' She', ' wal', 'ked', ' 3', ' playing', ' jumping', ' singing', '\n', ' NASA', ' (', ' привет', ' tree', '<0xE2>', ' +'];
const traits = new Traits(vocabulary.length, (id) => vocabulary[id] ?? '');
const ids = (...tokens: readonly string[]): Uint32Array => Uint32Array.from(tokens, (token) => vocabulary.indexOf(token));

test('a token has the classes that a person would give it where it stands', () => {
  const text = ids('<|endoftext|>', ' Lily', ' said', ',', ' "', 'Hello', '.', '"', ' She', ' wal', 'ked', ' 3', '\n', ' NASA', ' (', ' привет', ' Lily', '<0xE2>', ' +');
  const expected: readonly (readonly TokenClass[])[] = [
    ['special'], ['capitalised', 'first'], [], ['punctuation'], ['quotes'], ['capitalised', 'names'], ['punctuation', 'ends'], ['quotes'], ['capitalised', 'first'], [], ['parts'], ['digits'],
    ['breaks'], ['capitals', 'first'], ['brackets', 'punctuation'], ['foreign'], ['capitalised', 'names'], ['bytes'], ['symbols'],
  ];
  for (const [position, classes] of expected.entries()) {
    const { mask } = traits.at(text, position);
    const mine = (Object.entries(classBits) as [TokenClass, number][]).filter(([, bit]) => (mask & bit) !== 0).map(([name]) => name);
    assert.deepEqual(mine.sort(), [...classes].sort(), `"${vocabulary[text[position] ?? 0]}" at ${position}`);
  }
});

const names: readonly TokenClass[] = ['quotes', 'digits', 'ends', 'breaks', 'brackets', 'punctuation', 'symbols', 'capitals', 'capitalised', 'foreign', 'bytes', 'special', 'names', 'parts', 'first'];
const classBits = Object.fromEntries(names.map((name) => [name, bitOf(name)]));

/** Points about some centres, of length 1. */
function about(centres: number, each: number, width: number, spread: number): Float32Array {
  const middle = gaussians(centres * width, 3);
  const noise = gaussians(centres * each * width, 4);
  const points = new Float32Array(centres * each * width);
  for (let point = 0; point < centres * each; point++) {
    for (let at = 0; at < width; at++) points[point * width + at] = (middle[(point % centres) * width + at] ?? 0) + spread * (noise[point * width + at] ?? 0);
    normalise(points.subarray(point * width, (point + 1) * width));
  }
  return points;
}

test('points about two, three and five centres are as many groups, and none is torn', () => {
  for (const centres of [2, 3, 5]) {
    const { count, group } = cluster(about(centres, 14, 32, 0.4), 32);
    assert.equal(count, centres);
    for (let point = centres; point < group.length; point++) assert.equal(group[point], group[point % centres], `point ${point} of ${centres} centres`);
  }
});

test('points about nothing are one group', () => {
  assert.equal(cluster(about(60, 1, 32, 0), 32).count, 1);
  assert.equal(cluster(about(1, 40, 32, 1), 32).count, 1);
});

test('a group is named by the rarest thing that its tokens share', () => {
  const ordinary = [ids(' Lily', ' said', ',', ' "', 'Hello', '.', '"', ' She', ' wal', 'ked', '.', ' tree', ' said', ' playing', ' tree', ' +', ' said', ' Lily', ' 3', '.', ' She', ' said', ' tree', ' said')];
  const background = new Background(Array.from({ length: 20 }, () => ordinary[0] as Uint32Array), traits);
  const named = (contexts: readonly (readonly string[])[]): string | undefined => {
    const rule = ruleOf(contexts.map((tokens) => traits.at(ids(...tokens), tokens.length - 1)), traits, background);
    return rule && ruleLabel(rule.rule);
  };
  const often = (contexts: readonly (readonly string[])[]): readonly (readonly string[])[] => Array.from({ length: 8 }, () => contexts).flat();
  assert.equal(named(often([[' said', ' tree'], [' +', ' tree']])), '“tree”');
  assert.equal(named(often([[' said', ' "'], ['.', '"']])), 'quotation marks');
  assert.equal(named(often([[' said', ' playing'], [' said', ' jumping'], [' She', ' singing']])), 'words that end in “ing”');
  assert.equal(named(often([[' +', ' tree'], [' +', ' said'], [' +', ' Lily'], [' +', ' 3']])), 'what stands behind “+”');
  assert.equal(named([[' tree'], [' said'], [',', ' said'], [' said', ' Lily'], [' said', '.'], [' playing', ' wal']]), undefined, 'tokens that share nothing have no name');
});
