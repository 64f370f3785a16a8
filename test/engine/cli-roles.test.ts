/** Roles of heads on the command line: each number beside its threshold and control, as a table and as JSON. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { cogscope, json } from './lib/cogscope.ts';

const root = join(import.meta.dirname, '../..');
const induction = join(root, 'examples/induction/induction.onnx');

interface Roles {
  readonly protocol: { readonly repeats: Readonly<Record<string, unknown>>; readonly pairs: unknown; readonly leastAttention: number; readonly leastEffect: number };
  readonly roles: readonly { readonly role: string; readonly untested: string | null; readonly named: readonly string[]; readonly test: Readonly<Record<string, string>>; readonly heads: readonly Readonly<Record<string, unknown>>[] }[];
}

test('JSON has the protocol, each test in words with its source, and every head with its numbers and controls', async () => {
  const { protocol, roles } = await json('roles', induction, '--rows', '8', '--quiet') as Roles;
  const { repeats: { clean, error, ...settings }, ...rest } = protocol;
  assert.deepEqual(settings, { rows: 8, period: 25, seed: 0, start: ['<bos>'] });
  assert.deepEqual(rest, { pairs: null, leastAttention: 0.3, leastEffect: 0.05 });
  assert.ok(Number(clean) > 5 && Number(error) > 0);
  assert.deepEqual(roles.slice(0, 3).map(({ role, named }) => [role, named]), [['previous-token', ['L0H2', 'L0H5']], ['duplicate-token', []], ['induction', ['L1H0', 'L1H1', 'L1H3', 'L1H7']]]);
  for (const { untested, test: told, heads } of roles.slice(0, 3)) {
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

test('an experiment’s pairs are tested for the roles that take names', async () => {
  const file = join(root, 'test/fixtures/circuit/names.cogscope.json');
  const { stdout } = await cogscope('roles', file, '--quiet');
  assert.match(stdout, /^8 pairs of prompts\. Logit difference/m);
  for (const line of ['Duplicate token, of a name: L0H0', 'Name mover: L2H0, L2H1', 'Negative name mover: L2H2', 'S-inhibition: L1H0', 'Backup name mover: L3H0']) assert.ok(stdout.includes(`\n${line}\n`), line);
  assert.match(stdout, /^Induction: not tested, since the model does not tell what comes next/m);
  assert.ok(stdout.split('\n').every((line) => line.length <= 80));
  assert.match((await cogscope('roles', induction, '--quiet')).stdout, /^Name mover: not tested, since no pairs of prompts with two names were given$/m);
});

test('the help fits in 80 columns', async () => {
  const { code, stdout } = await cogscope('roles', '--help');
  assert.equal(code, 0);
  assert.deepEqual(stdout.split('\n').filter((line) => line.length > 80), []);
});

test('models without such roles are refused with exit 4, and wrong numbers with exit 2', async () => {
  const { code, stderr } = await cogscope('roles', join(root, 'test/fixtures/models/bert-sdpa-18/model.onnx'), '--quiet');
  assert.equal(code, 4);
  assert.match(stderr, /^cogscope: These roles are tested on models that continue a text.*\n$/);
  assert.equal((await cogscope('roles', induction, '--rows', '1')).code, 2);
  assert.equal((await cogscope('roles')).code, 2);
  assert.match((await cogscope('roles', 'nowhere.cogscope.json')).stderr, /nowhere\.cogscope\.json/);
});
