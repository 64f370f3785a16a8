/** An experiment in Python: the text that was proved against TransformerLens (training/patching/rerun.py), and Python that can be read whatever stands in the experiment. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Experiment, Patching } from '../../../src/shared/experiment/experiment.ts';
import { metricNames } from '../../../src/shared/experiment/kinds.ts';
import { readExperiment } from '../../../src/shared/experiment/read.ts';
import { byNames, siteNames, sites } from '../../../src/shared/experiment/sites.ts';
import { writePython } from '../../../src/shared/experiment/transformerLens/write.ts';
import { ablation, full, patching, path, steering, tracing, towers } from './files.ts';

const written = join(import.meta.dirname, '../../fixtures/patching/written');

function read(json: unknown): Experiment {
  const reading = readExperiment(json);
  assert.ok(reading.kind === 'experiment', JSON.stringify(reading));
  return reading.experiment;
}

for (const file of readdirSync(written).filter((name) => name.endsWith('.py'))) {
  test(`${file} is what was run and found equal to TransformerLens's results`, () => {
    const json = JSON.parse(readFileSync(join(written, file.replace(/\.py$/, '.cogscope.json')), 'utf8')) as unknown;
    assert.equal(writePython(read(json)), readFileSync(join(written, file), 'utf8'), 'run training/patching/rerun.py where the text is meant to change');
  });
}

test('every kind is among what was run', () => {
  const kinds = readdirSync(written).filter((name) => name.endsWith('.json')).map((name) => read(JSON.parse(readFileSync(join(written, name), 'utf8'))).kind);
  assert.deepEqual([...new Set(kinds)].sort(), ['ablation', 'activation-patching', 'causal-tracing', 'path-patching', 'steering']);
});

test('the functions that TransformerLens has are called by their names', () => {
  const called = (experiment: Partial<Patching>): readonly string[] => writePython({ ...(read(patching) as Patching), ...experiment }).match(/patching\.\w+/g) ?? [];
  assert.deepEqual(called({ sites: ['resid_pre', 'resid_mid', 'attn_out', 'mlp_out'] }), ['patching.get_act_patch_resid_pre', 'patching.get_act_patch_resid_mid', 'patching.get_act_patch_attn_out', 'patching.get_act_patch_mlp_out']);
  for (const [by, behind] of [['head', 'all_pos'], ['head-position', 'by_pos']] as const) {
    assert.deepEqual(called({ sites: ['z', 'q', 'k', 'v', 'pattern'], by }), ['out', 'q', 'k', 'v', 'pattern'].map((name) => `patching.get_act_patch_attn_head_${name}_${behind}`));
  }
  assert.deepEqual(called({ sites: ['pattern'], by: 'head-dest-src' }), ['patching.get_act_patch_attn_head_pattern_dest_src_pos']);
  assert.deepEqual(called({ sites: ['resid_pre'], layers: [1] }), ['patching.generic_activation_patch'], 'they have no choice of layers');
});

test('pairs of a file of lines, and a direction, are read from beside the Python file', () => {
  assert.match(writePython(read(patching), { pairs: 'pairs.jsonl' }), /^PAIRS = \[json\.loads\(line\) for line in \(Path\(__file__\)\.parent \/ "pairs\.jsonl"\)/m);
  assert.match(writePython(read({ ...steering, steer: { ...steering.steer, direction: '../kind.npy' } })), /numpy\.load\(Path\(__file__\)\.parent \/ "\.\.\/kind\.npy"\)/);
  assert.match(writePython(read(steering)), /load_file\(Path\(__file__\)\.parent \/ "kind\.safetensors"\)\["direction"\]/);
});

test('what TransformerLens has no name for is refused with the address', () => {
  assert.throws(() => writePython(read({ ...ablation, together: ['dec.L0H1', 'L0H1'] })), /"dec\.L0H1" has no counterpart in TransformerLens/);
  assert.throws(() => writePython(read(towers)), /^CogscopeError: Models with further towers cannot be patched/);
});

const hostile = 'a "b" \'c\' \\ """ \n # {x} \u2028 \u{1F600} %s';

/** Every way in which parts of the text go together. */
function everyExperiment(): readonly Experiment[] {
  const sweeps = byNames.flatMap((by) => {
    const list = siteNames.filter((site) => sites[site].by.includes(by));
    return [{ sites: list, by }, { sites: list, by, layers: [0, 2] }];
  });
  return [
    ...sweeps.flatMap((sweep) => [{ ...patching, ...sweep }, { ...patching, direction: 'noise', ...sweep }, ...['zero', 'mean'].map((ablate) => ({ ...ablation, ablate, ...sweep }))]),
    ...metricNames.flatMap((metric) => [patching, tracing, ablation, path, steering].map((file) => ({ ...file, metric }))),
    ...Object.values(full),
    { ...path, receivers: ['logits'] },
    { ...path, receivers: ['L5H1.q', 'logits'] },
    { ...path, senders: [] },
    { ...patching, pairs: [{ clean: [1, 2], corrupted: [1, 3], target: 4 }] },
    { ...patching, pairs: [...patching.pairs, { clean: 'a', corrupted: 'b', target: ' c' }] },
    { ...tracing, pairs: [{ clean: hostile, target: hostile }], noise: { subject: hostile } },
    { ...steering, steer: { ...steering.steer, direction: `${hostile}.npy` } },
  ].map(read);
}

const python = ['python3', 'python'].find((name) => spawnSync(name, ['-c', 'import sys; sys.exit(sys.version_info < (3, 11))']).status === 0);

/** Which of the texts Python cannot read, and what the first constant of each is. */
const CHECK = `
import ast, json, sys
said = []
for source in json.load(sys.stdin):
    try:
        tree = ast.parse(source)
        pairs = [ast.literal_eval(node.value) for node in tree.body if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "PAIRS"]
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        imported = {alias.asname or alias.name for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom)) for alias in node.names}
        said.append({"pairs": pairs[0], "unused": sorted(imported - names)})
    except SyntaxError as error:
        said.append({"error": f"{error}: {error.text}"})
print(json.dumps(said))
`;

test('Python reads every experiment, with its pairs as they are and no import too many', { skip: python === undefined && 'there is no Python from 3.11 on' }, () => {
  const experiments = everyExperiment();
  const { stdout, stderr } = spawnSync(python ?? '', ['-c', CHECK], { input: JSON.stringify(experiments.map((experiment) => writePython(experiment))), encoding: 'utf8', maxBuffer: 1e8 });
  assert.notEqual(stdout, '', stderr);
  const said = JSON.parse(stdout) as readonly { readonly error?: string; readonly pairs?: unknown; readonly unused?: readonly string[] }[];
  experiments.forEach((experiment, index) => {
    assert.deepEqual(said[index], { pairs: JSON.parse(JSON.stringify(experiment.pairs)) as unknown, unused: [] }, JSON.stringify({ ...experiment, pairs: [] }));
  });
});
