/** Roles of heads on the command line: each number beside its threshold and control, as a table and as JSON. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { cogscope, json } from './lib/cogscope.ts';

const root = join(import.meta.dirname, '../..');
const induction = join(root, 'examples/induction/induction.onnx');

interface Roles {
  readonly protocol: Readonly<Record<string, unknown>>;
  readonly roles: readonly { readonly role: string; readonly untested: string | null; readonly named: readonly string[]; readonly test: Readonly<Record<string, string>>; readonly heads: readonly Readonly<Record<string, unknown>>[] }[];
}

test('JSON has the protocol, each test in words with its source, and every head with its numbers and controls', async () => {
  const { protocol, roles } = await json('roles', induction, '--rows', '8', '--quiet') as Roles;
  const { clean, error, ...settings } = protocol;
  assert.deepEqual(settings, { rows: 8, period: 25, seed: 0, start: ['<bos>'], leastAttention: 0.3, leastEffect: 0.05 });
  assert.ok(Number(clean) > 5 && Number(error) > 0);
  assert.deepEqual(roles.map(({ role, named }) => [role, named]), [['previous-token', ['L0H2', 'L0H5']], ['duplicate-token', []], ['induction', ['L1H0', 'L1H1', 'L1H3', 'L1H7']]]);
  for (const { untested, test: told, heads } of roles) {
    assert.equal(untested, null);
    assert.deepEqual(Object.keys(told), ['attention', 'attentionControl', 'effect', 'effectControl', 'source']);
    assert.deepEqual(heads.map(({ address }) => address), [0, 1].flatMap((layer) => [0, 1, 2, 3, 4, 5, 6, 7].map((head) => `L${layer}H${head}`)));
    assert.ok(heads.every((head) => ['attention', 'attentionControl', 'effect', 'effectControl'].every((key) => typeof head[key] === 'number')));
  }
});

test('the table names the heads of each role with the next one that does not have it, and says where there is none', async () => {
  const { code, stdout } = await cogscope('roles', induction, '--quiet');
  assert.equal(code, 0);
  assert.match(stdout, /^Previous token: L0H2, L0H5$/m);
  assert.match(stdout, /^Duplicate token: no head of this model$/m);
  assert.match(stdout, /^Induction: L1H0, L1H1, L1H3, L1H7$/m);
  assert.match(stdout, /^ {2}L0H2 +0\.\d{3} +0\.\d{3} +0\.\d{3} +[−\d.]+$/m);
  assert.equal(stdout.match(/does not have it$/gm)?.length, 3);
  assert.ok(stdout.split('\n').every((line) => line.length <= 80));
  assert.equal((await cogscope('roles', induction, '--quiet', '--all')).stdout.match(/^ {2}L\dH\d /gm)?.length, 48);
});

test('models without such roles are refused with exit 4, and wrong numbers with exit 2', async () => {
  const { code, stderr } = await cogscope('roles', join(root, 'test/fixtures/models/bert-sdpa-18/model.onnx'), '--quiet');
  assert.equal(code, 4);
  assert.match(stderr, /^cogscope: These roles are tested on models that continue a text.*\n$/);
  assert.equal((await cogscope('roles', induction, '--rows', '1')).code, 2);
});
