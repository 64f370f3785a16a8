/** Short forms, canonical addresses and globs over them, as cli.md has them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalOf, globMatcher, headAddress, neuronAddress, parseShort } from '../../src/shared/addresses.ts';

const rows: readonly (readonly [short: string, canonical: string | undefined])[] = [
  ['L5H3', 'blocks.5.attn.hook_z'], ['L3N1234', 'blocks.3.mlp.hook_post'], ['L4.resid_post', 'blocks.4.hook_resid_post'], ['L0H0@7', 'blocks.0.attn.hook_z'],
  ['L4.resid_pre@-1', 'blocks.4.hook_resid_pre'], ['L0.pattern', 'blocks.0.attn.hook_pattern'], ['L0.attn_scores', 'blocks.0.attn.hook_attn_scores'], ['L11.mlp_out', 'blocks.11.hook_mlp_out'],
  ['L1.q', 'blocks.1.attn.hook_q'], ['L1.k', 'blocks.1.attn.hook_k'], ['L1.v', 'blocks.1.attn.hook_v'], ['L1.z', 'blocks.1.attn.hook_z'], ['L1.pre', 'blocks.1.mlp.hook_pre'], ['L1.post', 'blocks.1.mlp.hook_post'],
  ['enc.L2H1', 'enc.blocks.2.attn.hook_z'], ['vision.L2N7', 'vision.blocks.2.mlp.hook_post'], ['dec.L0.resid_mid', 'dec.blocks.0.hook_resid_mid'], ['L0.nothing', undefined], ['L0.toString', undefined], ['L0.constructor', undefined],
];

for (const [short, canonical] of rows) {
  test(`${short} is ${canonical ?? 'no tensor'}`, () => {
    const parsed = parseShort(short);
    assert.equal(parsed && canonicalOf(parsed), canonical);
  });
}

test('parts of a short form', () => {
  assert.deepEqual(parseShort('L5H3@7'), { kind: 'head', tower: '', layer: 5, attention: 'self', head: 3, position: 7 });
  assert.deepEqual(parseShort('dec.L5X3'), { kind: 'head', tower: 'dec', layer: 5, attention: 'cross', head: 3, position: null });
  assert.deepEqual(parseShort('dec.L0N12'), { kind: 'neuron', tower: 'dec', layer: 0, neuron: 12, position: null });
  assert.deepEqual(parseShort('L4.resid_post@-2'), { kind: 'site', tower: '', layer: 4, site: 'resid_post', position: -2 });
});

test('what is no short form', () => {
  for (const text of ['', 'L', 'L5', 'H3', 'l5h3', 'L5H', 'L5H3N2', 'L5 H3', ' L5H3', 'L5H3\n', 'L-1H3', 'L5H-3', 'L5H3@', 'L5H3@x', 'x.L5H3', 'L5.', 'L99999H1', 'L5.Resid', 'blocks.0.hook_resid_pre']) {
    assert.equal(parseShort(text), undefined, JSON.stringify(text));
  }
});

test('addresses that are written are read back', () => {
  assert.deepEqual(parseShort(headAddress('enc', 3, 11)), { kind: 'head', tower: 'enc', layer: 3, attention: 'self', head: 11, position: null });
  assert.deepEqual(parseShort(neuronAddress('', 3, 3071)), { kind: 'neuron', tower: '', layer: 3, neuron: 3071, position: null });
});

test('globs: a star stays between dots, two stars go over them, all else is itself', () => {
  const fits = (glob: string, address: string): boolean => globMatcher(glob)(address);
  assert.ok(fits('blocks.*.attn.hook_pattern', 'blocks.11.attn.hook_pattern'));
  assert.ok(!fits('blocks.*.hook_pattern', 'blocks.11.attn.hook_pattern'));
  assert.ok(fits('**hook_pattern', 'enc.blocks.11.attn.hook_pattern'));
  assert.ok(fits('blocks.0.**', 'blocks.0.attn.hook_q') && !fits('blocks.0.**', 'blocks.10.attn.hook_q'));
  assert.ok(fits('hook_embed', 'hook_embed') && !fits('hook_embed', 'hook_embedding') && !fits('hook_embed', 'enc.hook_embed'));
  assert.ok(!fits('blocks?0', 'blocks.0') && !fits('blocks.0', 'blocksx0') && fits('a(b|c)[d]{2}^$', 'a(b|c)[d]{2}^$'));
  assert.ok(!fits('', 'hook_embed') && fits('*', 'hook_embed') && !fits('*', 'blocks.0'));
});

test('a glob of many stars answers at once', () => {
  assert.equal(globMatcher('*'.repeat(64) + 'x')('a'.repeat(64)), false);
  assert.equal(globMatcher('**a'.repeat(24))('a'.repeat(23)), false);
});
