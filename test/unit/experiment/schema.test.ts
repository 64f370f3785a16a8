/** The schema that editors complete and check by says what the reader of the command line says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import Ajv from 'ajv';
import { ablationNames, commonKeys, defaults, directionNames, kindNames, kinds, metricNames } from '../../../src/shared/experiment/kinds.ts';
import { readExperiment } from '../../../src/shared/experiment/read.ts';
import { byNames, siteNames, sites, tracedSites } from '../../../src/shared/experiment/sites.ts';
import { ablation, bad, full, patching, path, steering, tracing, towers } from './files.ts';

interface Schema {
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly enumDescriptions?: readonly string[];
  readonly default?: unknown;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly allOf?: readonly { readonly if: Schema; readonly then?: Schema }[];
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly const?: unknown;
  readonly $ref?: string;
}

const file = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const schema = JSON.parse(file('schemas/experiment.schema.json')) as Schema;
const validate = new Ajv().compile(schema);
// Of the build, which is plain JavaScript.
const builder: string = '../../../scripts/lib/editor-schema.mjs';
const { withoutLimits } = await import(builder) as { readonly withoutLimits: (schema: unknown) => object };
const isValid = (json: unknown): boolean => validate(json) === true;

/** What a kind adds. */
function ownOf(kind: string): Readonly<Record<string, Schema>> {
  const rule = schema.allOf?.find((one) => one.if.properties?.['kind']?.const === kind);
  return rule?.then?.properties ?? assert.fail(`the schema has no rule for ${kind}`);
}

test('what the reader takes, the schema takes', () => {
  const ids = { ...patching, pairs: [{ clean: [1, 2], corrupted: [1, 3], target: 5 }] };
  const lines = { ...patching, pairs: 'pairs.jsonl' };
  const kl = { ...patching, metric: 'kl', pairs: [{ clean: 'a', corrupted: 'b' }] };
  for (const json of [patching, towers, tracing, ablation, path, steering, ids, lines, kl, { ...path, senders: [] }, ...Object.values(full)]) {
    assert.notEqual(readExperiment(json).kind, 'problems', JSON.stringify(json));
    assert.ok(isValid(json), `${JSON.stringify(json)}\n${JSON.stringify(validate.errors)}`);
  }
});

test('what the reader refuses, the schema refuses, but for what no schema can say', () => {
  for (const { name, json, schema: says } of bad) assert.equal(isValid(json), says === false, name);
});

test('each site goes with each way of taking it apart where the reader says so', () => {
  for (const site of siteNames) {
    for (const by of byNames) {
      const json = { ...patching, sites: [site], by };
      assert.equal(isValid(json), sites[site].by.includes(by), `${site} by ${by}`);
      assert.equal(readExperiment(json).kind === 'experiment', sites[site].by.includes(by), `${site} by ${by}`);
    }
  }
});

test('keys, names and defaults are the reader’s', () => {
  assert.deepEqual(Object.keys(schema.properties ?? {}).sort(), [...commonKeys].sort());
  for (const kind of kindNames) assert.deepEqual(Object.keys(ownOf(kind)).sort(), [...commonKeys, ...kinds[kind].keys].sort(), kind);
  assert.deepEqual(schema.properties?.['kind']?.enum, kindNames);
  assert.deepEqual(schema.properties?.['metric']?.enum, metricNames);
  const sweep = ownOf('activation-patching');
  assert.deepEqual(sweep['sites']?.items?.enum, siteNames);
  assert.deepEqual(sweep['by']?.enum, byNames);
  assert.deepEqual(sweep['direction']?.enum, directionNames);
  assert.deepEqual(ownOf('ablation')['ablate']?.enum, ablationNames);
  assert.deepEqual(ownOf('causal-tracing')['sites']?.items?.enum, tracedSites);
  const noise = ownOf('causal-tracing')['noise']?.properties ?? {};
  const given = {
    position: schema.properties?.['position']?.default, special: schema.properties?.['special']?.default, direction: sweep['direction']?.default, ablate: ownOf('ablation')['ablate']?.default,
    seed: ownOf('ablation')['seed']?.default, sigma: noise['sigma']?.default, samples: noise['samples']?.default, window: ownOf('causal-tracing')['window']?.default,
    scale: ownOf('steering')['steer']?.properties?.['scale']?.default, readAt: ownOf('steering')['steer']?.properties?.['position']?.default, receivers: ownOf('path-patching')['receivers']?.default, mlps: ownOf('path-patching')['mlps']?.default,
  };
  assert.deepEqual(given, defaults);
  assert.equal(noise['seed']?.default, defaults.seed);
});

test('every key and every name is described', () => {
  const visit = (one: Schema, at: string): void => {
    if (one.enumDescriptions || (one.enum && at.startsWith('#/properties'))) assert.equal(one.enumDescriptions?.length, one.enum?.length, at);
    for (const [key, value] of Object.entries(one.properties ?? {})) {
      if (typeof value !== 'object' || value.$ref !== undefined) continue;
      assert.ok(value.description !== undefined || at !== '#', `${at}/${key} is not described`);
      visit(value, `${at}/properties/${key}`);
    }
    if (one.items) visit(one.items, `${at}/items`);
  };
  visit(schema, '#');
  for (const kind of kindNames) for (const key of kinds[kind].keys) assert.ok(ownOf(kind)[key]?.description, `${kind}: ${key} is not described`);
  for (const definition of ['pair', 'cellExpectation', 'topExpectation']) {
    for (const [key, value] of Object.entries(schema.definitions?.[definition]?.properties ?? {})) assert.ok(value.description, `${definition}: ${key} is not described`);
  }
});

test('what the editor completes by marks nothing, and proposes all that the schema names', () => {
  const { contributes } = JSON.parse(file('package.json')) as { readonly contributes: { readonly jsonValidation?: readonly { readonly fileMatch: string; readonly url: string }[] } };
  assert.deepEqual(contributes.jsonValidation, [{ fileMatch: '*.cogscope.json', url: './dist/experiment.schema.json' }], 'as esbuild.mjs writes it');
  const quiet = withoutLimits(schema);
  const takes = new Ajv().compile(quiet);
  for (const { name, json } of bad) assert.ok(takes(json), `${name} is marked: ${JSON.stringify(takes.errors)}`);
  const words = (value: unknown): readonly string[] => {
    if (typeof value !== 'object' || value === null) return [];
    const one = value as Schema;
    return [...one.enum ?? [], ...Object.keys(one.properties ?? {}), ...(one.description === undefined ? [] : [one.description]), ...Object.values(value).flatMap(words)];
  };
  assert.deepEqual(new Set(words(quiet)), new Set(words(schema)));
});
