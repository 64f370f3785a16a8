/** Roles of heads as they are read: in the tree, in a message, and as a Markdown text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roleLines, rolesOf, summaryOf } from '../../../src/host/roles/words.ts';
import { rolesMarkdown, shownHeads } from '../../../src/shared/roles/markdown.ts';
import type { HeadFinding, RolesReport } from '../../../src/shared/roles/roles.ts';

const head = (address: string, attention: number, effect: number, holds: boolean): HeadFinding => ({ address, attention, attentionControl: 0.01, effect, effectControl: -0.02, holds });

const report: RolesReport = {
  repeats: { rows: 16, period: 25, seed: 0, start: ['<bos>'], clean: 13.15, error: 0.465 }, pairs: null,
  findings: [
    { role: 'previous-token', untested: null, heads: [head('L0H0', 0.1, 0.2, false), head('L0H2', 0.7, 0.88, true), head('L0H5', 0.64, 0.08, true)] },
    { role: 'induction', untested: null, heads: [head('L0H2', 0.05, 0.88, false), head('L1H0', 0.75, 0.23, true), head('L1H1', 0.8, 0.01, false)] },
    { role: 'duplicate-token', untested: null, heads: [head('L0H0', 0.02, 0, false)] },
    { role: 'name-mover', untested: 'no pairs of prompts with two names were given', heads: [] },
  ],
  passes: 336, ms: 2220,
};

test('a head says its roles, and each with its numbers and thresholds', () => {
  const heads = [{ address: 'L1H0', role: 'induction', attention: 0.756, effect: 0.232 }, { address: 'L1H0', role: 'name-mover', attention: 0.5, effect: 0.1 }] as const;
  assert.equal(rolesOf(heads), 'induction and name mover');
  assert.deepEqual(roleLines(heads), ['induction: attention 0.756 (at least 0.3), effect 0.232 (at least 0.05)', 'name mover: attention 0.5 (at least 0.3), effect 0.1 (at least 0.05)']);
});

test('a message counts the heads that have a role', () => {
  assert.equal(summaryOf(report), '3 heads have a role: 2 previous token, 1 induction');
  assert.equal(summaryOf({ ...report, findings: report.findings.slice(2) }), 'No head has a role');
});

test('shown are the heads that have a role, those that attend as much without it, and the next one', () => {
  assert.deepEqual(report.findings.map(({ heads }) => shownHeads(heads).map(({ address }) => address)), [['L0H2', 'L0H5', 'L0H0'], ['L1H0', 'L1H1', 'L0H2'], ['L0H0'], []]);
});

test('the text has each role with its heads, numbers, tests and source, or why it was not tested', () => {
  const text = rolesMarkdown('induction.onnx', report);
  for (const part of ['# Roles of the heads of induction.onnx\n', '## Previous token\n\n**L0H2, L0H5**\n', '| L0H2 | yes | 0.700, 0.010 | 0.880, −0.020 |\n', '| L1H1 | no | 0.800, 0.010 | 0.010, −0.020 |\n', '## Duplicate token\n\nNo head of this model has it.\n', '## Name mover\n\nNot tested, since no pairs of prompts with two names were given.\n', 'Source: Olsson et al. 2022', '336 passes in 2.22 s.\n']) {
    assert.ok(text.includes(part), part);
  }
});
