/** The command line's manners: exit codes, one line of error with what to do, one JSON document, help that fits. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from '../../src/engine/onnx/proto/onnx_pb.js';
import { external, FLOAT, floats, model, modelBytes, node, valueInfo } from '../lib/protos.ts';
import { commands } from '../../src/cli/commands/table.ts';
import { Scratch } from '../lib/scratch.ts';
import { around, attentionNodes, tinyAttention } from '../lib/tinyAttention.ts';
import { fixture } from './fixtures.ts';
import { cogscope } from './lib/cogscope.ts';

const scratch = new Scratch();
const gpt2 = fixture('gpt2-eager-18').path;
const tiny = tinyAttention();

const proto = fromBinary(ModelProtoSchema, readFileSync(gpt2));
const customNode = around({ nodes: [node('Mystery', ['embedded'], ['final'], {}, 'com.example')], weights: [] });
const layer = attentionNodes('embedded', 'attended');
const withoutData = around({
  nodes: [...layer.nodes, node('Add', ['embedded', 'attended'], ['final'])],
  weights: [...layer.weights.slice(1), external('a.wq', FLOAT, [4, 4], { location: 'weights.bin', offset: '0', length: '64' })],
});
const withExtra = { ...tiny, inputs: [...(tiny.inputs ?? []), valueInfo('speaker', FLOAT, [1, 3])], weights: [...(tiny.weights ?? []), floats('unused', [1], [0])] };

const files = {
  text: scratch.write('text.onnx', 'this is no model, it is a line of text\n'),
  empty: scratch.write('empty.onnx', ''),
  truncated: scratch.write('truncated.onnx', readFileSync(gpt2).subarray(0, 60_000)),
  custom: scratch.write('custom.onnx', modelBytes(model(customNode, { opset: { '': 18, 'com.example': 1 } }))),
  future: scratch.write('future.onnx', modelBytes({ ...proto, opsetImport: proto.opsetImport.map((entry) => ({ ...entry, version: 99n })) })),
  noData: scratch.write('no-data.onnx', modelBytes(model(withoutData))),
  extra: scratch.write('extra.onnx', modelBytes(model(withExtra))),
};
const ids65 = Array.from({ length: 65 }, (_, index) => index).join();

interface Bad {
  readonly name: string;
  readonly args: readonly string[];
  readonly exit: number;
  readonly code: string;
  /** The whole line behind "cogscope: ". */
  readonly says: RegExp;
}

const bad: readonly Bad[] = [
  { name: 'a mistyped command', args: ['inspcet', gpt2], exit: 2, code: 'usage', says: /^There is no command "inspcet"\. Did you mean "inspect"\?/ },
  { name: 'a command that is not there', args: ['gradients', 'x.json'], exit: 2, code: 'usage', says: /^There is no command "gradients"\. See cogscope --help/ },
  { name: 'an option where the command belongs', args: ['--quiet', 'inspect', gpt2], exit: 2, code: 'usage', says: /^"--quiet" stands where the command belongs\. Write the command first/ },
  { name: 'a mistyped option', args: ['inspect', gpt2, '--chek'], exit: 2, code: 'usage', says: /^There is no option "--chek"\. Did you mean --check\?/ },
  { name: 'an option of another command', args: ['inspect', gpt2, '--prompt', 'x'], exit: 2, code: 'usage', says: /^There is no option "--prompt"/ },
  { name: 'an option without its value', args: ['run', gpt2, '--ids'], exit: 2, code: 'usage', says: /^--ids needs a value\. Write --ids 1,2,3/ },
  { name: 'an option with a value too many', args: ['inspect', gpt2, '--check=yes'], exit: 2, code: 'usage', says: /^--check takes no value/ },
  { name: 'an option given twice', args: ['run', gpt2, '--ids', '1', '--top', '2', '--top', '3'], exit: 2, code: 'usage', says: /^--top is given twice/ },
  { name: 'a number that is none', args: ['run', gpt2, '--ids', '1', '--threads', 'two'], exit: 2, code: 'usage', says: /^--threads takes a whole number from 1 to 256, not "two"/ },
  { name: 'ids that are none', args: ['run', gpt2, '--ids', '1,x'], exit: 2, code: 'usage', says: /^--ids takes whole numbers with commas between them, not "1,x"/ },
  { name: 'no model', args: ['inspect'], exit: 2, code: 'usage', says: /^No model is named\./ },
  { name: 'two models', args: ['inspect', gpt2, 'b.onnx'], exit: 2, code: 'usage', says: /^"b\.onnx" is one word too many/ },
  { name: 'no prompt', args: ['run', gpt2], exit: 2, code: 'usage', says: /^There is no prompt\. Give --prompt TEXT, --ids 1,2,3 or --input input_ids=FILE/ },
  { name: 'an input without a file', args: ['run', fixture('attention-only-eager-18').path, '--ids', '1', '--input', 'input_ids'], exit: 2, code: 'usage', says: /^--input takes NAME=FILE, not "input_ids"/ },
  { name: 'an input that the model does not have', args: ['run', gpt2, '--ids', '1', '--input', `mask=${files.text}`], exit: 2, code: 'usage', says: /^The model has no input "mask"\. Its inputs are input_ids, attention_mask/ },
  { name: 'an input twice', args: ['run', gpt2, '--ids', '1', '--input', 'attention_mask=a', '--input', 'attention_mask=b'], exit: 2, code: 'usage', says: /^The input "attention_mask" is given twice/ },
  { name: 'an input whose file is missing', args: ['run', gpt2, '--ids', '1', '--input', 'attention_mask=nowhere.npy'], exit: 3, code: 'unreadable', says: /^The file for the input "attention_mask" cannot be read \(.*nowhere\.npy\)\. Check the path/ },
  { name: 'an input whose file is no array', args: ['run', gpt2, '--ids', '1', '--input', `attention_mask=${files.text}`], exit: 3, code: 'unreadable', says: /is neither \.npy nor \.safetensors/ },
  { name: 'an input that nothing fills', args: ['run', files.extra, '--ids', '1'], exit: 2, code: 'usage', says: /^Input "speaker" \(float32 \[1, 3\]\) has no value .* Give it with --input speaker=FILE/ },
  { name: 'text without a tokenizer', args: ['run', gpt2, '--prompt', 'Hello'], exit: 2, code: 'usage', says: /^No tokenizer beside the model.* Give token ids/ },
  { name: 'a tokenizer that is not there', args: ['run', gpt2, '--prompt', 'Hello', '--tokenizer', 'nowhere.json'], exit: 3, code: 'unreadable', says: /^The tokenizer cannot be read \(.*nowhere\.json\)/ },
  { name: 'an id outside the vocabulary', args: ['run', gpt2, '--ids', '1,96'], exit: 2, code: 'usage', says: /^Token id 96 is outside the vocabulary of 96\. Use ids of this model’s own tokenizer/ },
  { name: 'an id below zero', args: ['run', gpt2, '--ids', '-1,2'], exit: 2, code: 'usage', says: /^Token id -1 is outside the vocabulary of 96/ },
  { name: 'a prompt longer than the context', args: ['run', gpt2, '--ids', ids65], exit: 2, code: 'usage', says: /^The prompt has 65 tokens and the model’s context holds 64\. Shorten it/ },
  { name: 'an unknown address', args: ['run', gpt2, '--ids', '1', '--tap', 'blocks.9.hook_resid_pre'], exit: 2, code: 'usage', says: /^No address of this model matches "blocks\.9\.hook_resid_pre"\. List them/ },
  { name: 'a head that is not there', args: ['run', gpt2, '--ids', '1', '--tap', 'L0H4'], exit: 2, code: 'usage', says: /^There is no head 4 at "L0H4"\. Choose 0 to 3/ },
  { name: 'a layer that is not there', args: ['run', gpt2, '--ids', '1', '--tap', 'L3H0'], exit: 2, code: 'usage', says: /^No address of this model is "L3H0"/ },
  { name: 'a position that is not there', args: ['run', gpt2, '--ids', '1,2', '--tap', 'L0.resid_post@2'], exit: 2, code: 'usage', says: /^There is no position 2 at "L0\.resid_post@2"\. Choose 0 to 1/ },
  { name: 'prompts of two lengths that shall make one array', args: ['run', gpt2, '--ids', '1,2', '--ids', '3', '--tap', 'L0H1'], exit: 2, code: 'usage', says: /^The prompts have 2, 1 tokens, .* Give prompts of one length/ },
  { name: 'an output in a folder that is not there', args: ['run', gpt2, '--ids', '1', '--out', join(scratch.folder, 'no', 'x.safetensors')], exit: 2, code: 'usage', says: /^The output’s folder does not exist/ },
  { name: 'an output that is a folder', args: ['run', gpt2, '--ids', '1', '--out', scratch.folder], exit: 2, code: 'usage', says: /^The output is a folder/ },
  { name: 'an image for a model of tokens', args: ['run', gpt2, '--ids', '1,2', '--image', 'cat.png'], exit: 2, code: 'usage', says: /^This model has no input for images/ },
  { name: 'a file that is no protobuf', args: ['inspect', files.text], exit: 3, code: 'unreadable', says: /^The file .*\(.*text\.onnx\)\. [A-Z]/ },
  { name: 'an empty file', args: ['inspect', files.empty], exit: 3, code: 'unreadable', says: /^The file is empty \(.*empty\.onnx\)\. [A-Z]/ },
  { name: 'a file that is missing', args: ['inspect', join(scratch.folder, 'nowhere.onnx')], exit: 3, code: 'unreadable', says: /^The file .*\(.*nowhere\.onnx\)\. [A-Z]/ },
  { name: 'a folder', args: ['inspect', scratch.folder], exit: 3, code: 'unreadable', says: / \(.*\)\. Choose an \.onnx file/ },
  { name: 'a truncated model', args: ['run', files.truncated, '--ids', '1'], exit: 3, code: 'unreadable', says: /^The file .*\(.*truncated\.onnx\)\. [A-Z]/ },
  { name: 'an operator of a foreign domain', args: ['run', files.custom, '--ids', '1'], exit: 4, code: 'refused', says: /^The model cannot run: .*Mystery.*com\.example.*\. [A-Z]/ },
  { name: 'an operator set from the future', args: ['run', files.future, '--ids', '1'], exit: 4, code: 'refused', says: /^The model cannot run: .*99.*\. [A-Z]/ },
  { name: 'external data that are missing', args: ['run', files.noData, '--ids', '1'], exit: 3, code: 'unreadable', says: /^The model cannot run: .*weights\.bin.*\. [A-Z]/ },
];

for (const { name, args, exit, code, says } of bad) {
  test(`${name} ends with ${exit} and one line that says what to do, in text and as JSON`, async () => {
    const [plain, asJson] = await Promise.all([cogscope(...args), cogscope(...args, '--json')]);
    assert.equal(plain.code, exit, plain.stderr);
    assert.equal(plain.stdout, '', 'nothing on stdout');
    const [, line] = /^cogscope: ([^\n]*)\n$/.exec(plain.stderr) ?? [];
    assert.ok(line !== undefined, `one line: ${plain.stderr}`);
    assert.match(line, says);
    assert.equal(asJson.code, exit);
    const { error } = JSON.parse(asJson.stdout) as { readonly error: { readonly code: string; readonly message: string; readonly detail: string } };
    assert.equal(error.code, code);
    assert.match(error.message, says);
    assert.equal(typeof error.detail, 'string');
  });
}

test('no command at all is wrong use, with the way to the help', async () => {
  assert.deepEqual(await cogscope(), { code: 2, stdout: '', stderr: 'cogscope: No command is given. See cogscope --help for the commands.\n' });
});

test('a model that cannot run is still inspected, with what was refused; the check ends with 4 and says so beside the result', async () => {
  for (const path of [files.custom, files.future]) {
    const looked = await cogscope('inspect', path, '--json');
    assert.equal(looked.code, 0, looked.stderr);
    const { refused, runnable } = JSON.parse(looked.stdout) as { readonly refused: readonly { readonly what: string; readonly reason: string }[]; readonly runnable: boolean };
    assert.equal(runnable, false);
    assert.ok(refused.some(({ what, reason }) => what !== '' && reason !== ''), 'the reason is there');
    const checked = await cogscope('inspect', path, '--check', '--json');
    assert.equal(checked.code, 4, checked.stderr);
    const document = JSON.parse(checked.stdout) as { readonly model: { readonly path: string }; readonly checks: readonly unknown[]; readonly error: { readonly code: string } };
    assert.equal(document.model.path, path);
    assert.deepEqual(document.checks, []);
    assert.equal(document.error.code, 'refused');
  }
});

test('the help fits in 80 columns, names what there is and nothing else', async () => {
  const overview = await cogscope('--help');
  assert.equal(overview.code, 0);
  const named = [...overview.stdout.matchAll(/^ {2}([a-z]+) MODEL/gm)].map(([, name]) => name);
  assert.deepEqual(named, commands.filter(({ subject }) => subject === undefined).map(({ name }) => name));
  for (const command of named) {
    const { code, stdout, stderr } = await cogscope(command ?? '', '--help');
    assert.equal(code, 0);
    assert.equal(stderr, '');
    for (const line of `${overview.stdout}${stdout}`.split('\n')) assert.ok(line.length <= 80, `80 columns: ${line}`);
    for (const option of ['--json', '--quiet', '--threads N', '--tokenizer FILE']) assert.ok(stdout.includes(option), `${command} --help names ${option}`);
  }
});

test('the version is that of package.json', async () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as { readonly version: string };
  assert.deepEqual(await cogscope('--version'), { code: 0, stdout: `cogscope ${version}\n`, stderr: '' });
  assert.equal((await cogscope('run', '--version')).stdout, `cogscope ${version}\n`);
});

test('an option may be written with =, and -- ends the options', async () => {
  const { code, stdout } = await cogscope('run', '--ids=1,2', '--top=1', '--quiet', '--json', '--', gpt2);
  assert.equal(code, 0);
  const { predictions } = JSON.parse(stdout) as { readonly predictions: readonly (readonly { readonly top: readonly unknown[] }[])[] };
  assert.deepEqual(predictions.map((row) => row.map(({ top }) => top.length)), [[1, 1]]);
});
