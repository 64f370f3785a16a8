/** What a panel shows, in Python: the texts that were run (training/views/rerun_views.py), and Python that can be read whatever a prompt holds. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseShort } from '../../src/shared/addresses.ts';
import type { Prompt } from '../../src/shared/protocol/engineApi.ts';
import { checkCounterpart } from '../../src/shared/python/counterpart.ts';
import type { PanelView, ShownView } from '../../src/shared/python/view.ts';
import { writeViewPython } from '../../src/shared/python/write.ts';
import type { Shown } from '../../src/shared/python/write.ts';
import { viewCases, viewsFolder } from '../lib/viewCases.ts';

const FIX = 'run training/views/rerun_views.py where the text is meant to change';

for (const { name, shown, sha256 } of viewCases) {
  test(`${name} is what was run`, () => {
    const text = writeViewPython(shown);
    const kept = join(viewsFolder, `${name}.py`);
    if (existsSync(kept)) assert.equal(text, readFileSync(kept, 'utf8'), FIX);
    assert.equal(createHash('sha256').update(text).digest('hex'), sha256, FIX);
  });
}

test('every kind of view is among what was run', () => {
  const kinds: Readonly<Record<ShownView['kind'], true>> = { pattern: true, scores: true, weighted: true, rollout: true, effect: true, difference: true, mean: true, writes: true, outputs: true, headScores: true, lens: true };
  assert.deepEqual([...new Set(viewCases.map(({ shown }) => shown.view.kind))].sort(), Object.keys(kinds).sort());
});

function head(address: string): NonNullable<Shown['head']> {
  const short = parseShort(address);
  assert.ok(short?.kind === 'head', address);
  return short;
}

const python = ['python3', 'python'].find((name) => spawnSync(name, ['-c', 'import sys; sys.exit(sys.version_info < (3, 11))']).status === 0);

/** Of each text: what constants it has, and which of its imports and functions nothing uses. */
const CHECK = `
import ast, json, sys
said = []
for source in json.load(sys.stdin):
    tree = ast.parse(source)
    constants = {node.targets[0].id: ast.literal_eval(node.value) for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)}
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    made = {alias.asname or alias.name for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom)) for alias in node.names}
    made |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    said.append({"constants": constants, "unused": sorted(made - names)})
print(json.dumps(said))
`;

const hostile = 'a "b" \'c\' \\ """ \n # {x} \r\u2028\u0000 \u{1F600} %s שלום';

test('Python reads every view, with prompts and tokens as they are and nothing too many', { skip: python === undefined && 'there is no Python from 3.11 on' }, () => {
  const texts: readonly Prompt[] = [{ kind: 'text', text: hostile, special: true }, { kind: 'text', text: hostile, special: false }];
  const [first] = texts;
  assert.ok(first);
  const views: readonly ShownView[] = [
    ...viewCases.map(({ shown }) => shown.view), { kind: 'effect', target: hostile }, { kind: 'difference', second: first, columns: [[0, 0], [-1, 1], [1, -1]] }, { kind: 'mean', prompts: texts },
    { kind: 'lens', mid: false, target: hostile, distractor: hostile, positions: [0, -1] },
  ];
  const asked = views.flatMap((view) => [...texts, { kind: 'ids', ids: [1, 2] } as const].map((prompt): Shown => ({ model: 'a"""\nimport os #.onnx', prompt, head: head('L0H0'), view })));
  const { stdout, stderr } = spawnSync(python ?? '', ['-c', CHECK], { input: JSON.stringify(asked.map(writeViewPython)), encoding: 'utf8', maxBuffer: 1e8 });
  assert.notEqual(stdout, '', stderr);
  const said = JSON.parse(stdout) as readonly { readonly constants: Readonly<Record<string, unknown>>; readonly unused: readonly string[] }[];
  asked.forEach(({ prompt, view }, index) => {
    const { constants = {}, unused } = said[index] ?? {};
    assert.deepEqual(unused, [], JSON.stringify(view));
    const value = (one: Prompt): unknown => (one.kind === 'text' ? one.text : one.ids);
    if ('PROMPT' in constants) assert.deepEqual(constants['PROMPT'], value(prompt));
    if (view.kind === 'difference') assert.deepEqual(constants['SECOND'], value(view.second));
    if (view.kind === 'mean') assert.deepEqual(constants['PROMPTS'], view.prompts.map(value));
    if ('target' in view && view.target !== null) assert.deepEqual(constants['TARGET'], view.target);
    if (view.kind === 'lens' && view.distractor !== null) assert.deepEqual(constants['DISTRACTOR'], view.distractor);
  });
});

test('what TransformerLens has no name for is refused, and what is not chosen is asked for', () => {
  const ids: Prompt = { kind: 'ids', ids: [1] };
  for (const address of ['dec.L0H1', 'dec.L0X1']) {
    assert.throws(() => writeViewPython({ model: 'm.onnx', prompt: ids, head: head(address), view: { kind: 'pattern' } }), /no counterpart in TransformerLens/, address);
  }
  assert.throws(() => writeViewPython({ model: 'm.onnx', prompt: ids, head: null, view: { kind: 'scores' } }), /No head is chosen/);
  assert.throws(() => writeViewPython({ model: 'm.onnx', prompt: ids, head: head('L0H0'), view: { kind: 'effect', target: null } }), /No token is asked about/);
});

test('models and views without a counterpart are refused with why', () => {
  type Model = Parameters<typeof checkCounterpart>[0];
  const tower = (causal: boolean): Model['towers'][number] => ({ causal }) as Model['towers'][number];
  const view: PanelView = { prompt: { kind: 'ids', ids: [1] }, view: { kind: 'headScores', pattern: { kind: 'induction' }, text: { kind: 'run' } }, writes: null, edited: false };
  const pixels = [{ role: 'pixels' }] as unknown as Model['inputs'];
  checkCounterpart({ towers: [tower(true)], inputs: [] }, view);
  checkCounterpart({ towers: [tower(false)], inputs: [] }, { ...view, view: { kind: 'pattern' } });
  assert.throws(() => checkCounterpart({ towers: [tower(true), tower(true)], inputs: [] }, view), /several towers/);
  assert.throws(() => checkCounterpart({ towers: [tower(true)], inputs: pixels }, view), /model of images/);
  assert.throws(() => checkCounterpart({ towers: [tower(true)], inputs: [] }, { ...view, edited: true }), /changed by hand/);
  assert.throws(() => checkCounterpart({ towers: [tower(false)], inputs: [] }, view), /looks both ways/);
});
