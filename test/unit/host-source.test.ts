import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { alignLines } from '../../src/host/source/align.ts';
import { findLine } from '../../src/host/source/findLine.ts';
import { lineOf, partOf } from '../../src/host/source/lineOf.ts';
import { classOf, resolvedIn } from '../../src/host/source/guess.ts';
import { commonSuffix, fileName, fitOf, globFor, isInstalled, rankedPaths, shareOf, tellingLines } from '../../src/host/source/match.ts';
import { placesOf } from '../../src/host/source/places.ts';
import { changeText, hintText, lensTitle } from '../../src/host/source/words.ts';
import type { MadeLine } from '../../src/shared/sourceMap.ts';
import type { SourceLine } from '../../src/shared/summary.ts';

const recordedLine = (line: number, code: string): SourceLine => ({ file: 'model.py', line, code });

suite('a recorded file', () => {
  test('has the name behind its last separator, of either kind', () => {
    assert.equal(fileName('/home/a/model.py'), 'model.py');
    assert.equal(fileName('C:\\a\\model.py'), 'model.py');
    assert.equal(fileName('model.py'), 'model.py');
    assert.equal(fileName(''), '');
  });

  test('shares whole names with another path, from the end', () => {
    assert.equal(commonSuffix('/a/b/model.py', '/x/b/model.py'), 2);
    assert.equal(commonSuffix('C:\\a\\b\\model.py', '/a/b/model.py'), 3);
    assert.equal(commonSuffix('/a/my_model.py', '/a/model.py'), 0);
  });

  test('is the candidate whose path ends most like it, and beside the model where several do', () => {
    const candidates = ['/w/old/net/model.py', '/w/src/llama/model.py', '/w/model.py', '/w/src/other.py'];
    const ranked = rankedPaths('C:\\build\\src\\llama\\model.py', candidates, '/w');
    assert.deepEqual(ranked, [{ path: '/w/src/llama/model.py', inPlace: true }, { path: '/w/model.py', inPlace: true }, { path: '/w/old/net/model.py', inPlace: false }]);
    assert.equal(rankedPaths('model.py', candidates, '/w/src/llama')[0]?.path, '/w/src/llama/model.py');
    assert.deepEqual(rankedPaths('/build/none.py', candidates, '/w'), []);
  });

  test('of an installed package is told by its folder, on any system', () => {
    assert.ok(isInstalled('C:\\venv\\Lib\\site-packages\\transformers\\modeling.py'));
    assert.ok(!isInstalled('/home/a/packages/model.py'));
  });

  test('that was renamed is told by what share of its lines a text has, where there are enough to tell', () => {
    const recorded = [recordedLine(1, 'a = 1'), recordedLine(2, 'b = 2'), recordedLine(3, 'c = 3'), recordedLine(4, '')];
    assert.equal(shareOf('b = 2\r\nc = 3\r\n', tellingLines(recorded)), 2 / 3);
    assert.deepEqual(tellingLines(recorded.slice(1)), [], 'two lines with a text are too few');
  });

  test('that was edited where it lies fits better than a copy from before, and a renamed one better than a namesake elsewhere', () => {
    assert.ok(fitOf(0.6, { inPlace: true }) > fitOf(1, undefined));
    assert.ok(fitOf(1, undefined) > fitOf(0.6, { inPlace: false }));
    assert.ok(fitOf(1, { inPlace: false }) > fitOf(1, undefined));
  });

  test('is looked for by a pattern that its own characters do not change', () => {
    assert.equal(globFor('model.py'), '**/model.py');
    assert.equal(globFor('a[1]{b}*.py'), '**/a?1??b??.py');
  });
});

suite('recorded lines', () => {
  const two = ['def f(x):', '    x = x @ w', '    return x', '', 'def g(x):', '\tx = x  @ w', '    return x'];
  const recorded = [recordedLine(2, 'x = x @ w'), recordedLine(3, 'return x'), recordedLine(6, 'x = x @ w'), recordedLine(7, 'return x')];
  const places = (lines: readonly string[], of = recorded): readonly (number | undefined)[] => {
    const aligned = alignLines(of, lines);
    return of.map((line) => aligned.get(line));
  };

  test('are themselves where they still read the same, whatever their indentation', () => assert.deepEqual(places(two), [1, 2, 5, 6]));

  test('find each its own of several with the same text when all have moved', () => {
    // By the nearest number alone the second function's lines would be the first one's.
    assert.deepEqual(places(['"""A', 'longer', 'text', 'above."""', ...two]), [5, 6, 9, 10]);
  });

  test('of one function are missing when it was edited, and the other’s stay theirs', () => {
    const edited = two.with(1, '    x = f(x) @ w').with(2, '    return x + 1');
    assert.deepEqual(places(edited), [undefined, undefined, 5, 6]);
  });

  test('that were moved behind the others are found where their text stands but once', () => {
    const moved = [recordedLine(1, 'a = 1'), recordedLine(2, 'b = 2'), recordedLine(3, 'c = 3')];
    assert.deepEqual(places(['b = 2', 'c = 3', 'a = 1'], moved), [2, 0, 1]);
  });

  test('without their text are the lines of their numbers, if there are any', () => {
    assert.deepEqual(places(two, [recordedLine(0, ''), recordedLine(3, ''), recordedLine(99, '')]), [undefined, 2, undefined]);
  });

  test('are found fast where a text stands hundreds of times', () => {
    const many = Array.from({ length: 2000 }, () => 'x = f(x)');
    const found = places(many, Array.from({ length: 60 }, (_, index) => recordedLine(index * 30 + 1, 'x = f(x)')));
    assert.deepEqual(found, Array.from({ length: 60 }, (_, index) => index * 30));
  });
});

suite('one recorded line', () => {
  const recorded = [recordedLine(1, 'def f(x):'), recordedLine(2, 'pattern = torch.softmax(scores + mask, dim=-1)'), recordedLine(3, 'return pattern @ v')];

  test('that was edited is the line most like it', () => {
    const lines = ['import torch', 'def f(x):', 'pattern = torch.softmax(scores + mask, dim=3)', 'return pattern @ v'];
    assert.deepEqual(findLine(recorded[1] ?? recordedLine(0, ''), recorded, lines), { kind: 'similar', line: 2 });
  });

  test('that is gone stood where the lines around it say', () => {
    assert.deepEqual(findLine(recorded[1] ?? recordedLine(0, ''), recorded, ['import torch', '', 'def f(x):', 'y = 0', 'return pattern @ v']), { kind: 'gone', line: 3 });
    assert.deepEqual(findLine(recordedLine(40, 'z = q'), [], ['a', 'b']), { kind: 'gone', line: 1 }, 'in a file that became shorter');
  });

  test('says what is not as it was recorded, and nothing where all is', () => {
    const line = { file: 'C:\\a\\net.py', line: 3, code: 'y = x @ w' };
    assert.equal(changeText('same', undefined, line), undefined);
    assert.equal(changeText('same', 'model.py', line), 'net.py is not in the workspace, and model.py has its lines.');
    assert.equal(changeText('similar', undefined, line), 'Line 3 was not found as recorded (y = x @ w): this is the line most like it.');
    assert.equal(changeText('gone', undefined, { ...line, code: '' }), 'Line 3 was not found as recorded: it stood about here when the model was exported.');
  });
});

suite('what a line made', () => {
  const made = (change: Partial<MadeLine>): MadeLine => ({ file: 'model.py', line: 1, code: 'x', nodes: 1, made: [], calls: [], ...change });
  const pattern = { tower: '', layers: [0, 1, 2, 3], hook: 'attn.hook_pattern', shape: ['batch', 8, 'pos', 'pos'] };
  const scores = { ...pattern, hook: 'attn.hook_attn_scores' };
  const sum = { tower: 'dec', layers: [2], hook: 'hook_resid_mid', shape: ['batch', 'pos', 256] };

  test('in every turn of a loop is told once, with its shape', () => {
    assert.equal(hintText(made({ made: [scores, pattern] })), 'layers 0–3: pattern [batch, 8, pos, pos] …');
    assert.equal(hintText(made({ made: [{ ...pattern, hook: null }, { ...sum, layers: [], hook: 'hook_embed' }] })), 'layers 0–3: [batch, 8, pos, pos] …');
    assert.equal(hintText(made({ made: [{ ...sum, shape: ['batch', null] }] })), 'dec. layer 2: resid_mid [batch, ?]');
    const each = ['q', 'k', 'v'].map((one) => ({ ...pattern, hook: `attn.hook_${one}`, shape: ['batch', 'pos', 8, 32] }));
    assert.equal(hintText(made({ made: [...each, { ...sum, layers: [0, 1, 2, 3], tower: '' }] })), 'layers 0–3: resid_mid [batch, pos, 256] …');
    assert.equal(hintText(made({ made: [{ ...sum, tower: '', layers: [0], shape: ['batch'] }, { ...sum, tower: '', layers: [], hook: 'hook_embed', shape: ['pos'] }] })), 'layer 0: resid_mid [batch]; embed [pos]');
    assert.equal(hintText(made({})), '');
  });

  test('has a lens where a panel shows it, or where it calls a part of a layer', () => {
    assert.equal(lensTitle(made({ made: [scores, pattern] })), 'Attention pattern of layers 0–3, 8 heads each');
    assert.equal(lensTitle(made({ made: [sum] })), undefined);
    assert.equal(lensTitle(made({ made: [sum], calls: [{ tower: 'dec', layers: [2], part: 'cross' }] })), 'Cross attention of dec. layer 2');
    assert.equal(lensTitle(made({ calls: [{ tower: '', layers: [0, 1, 2, 3], part: 'block' }] })), 'Layers 0–3');
  });

  test('is a choice of its layers: heads for the panel, all else by its address', () => {
    const places = placesOf(made({ made: [{ ...pattern, layers: [0, 1] }, sum], calls: [{ tower: '', layers: [1], part: 'mlp' }] }));
    assert.deepEqual(places.map(({ label, address }) => [label, address]), [
      ['blocks.1', 'blocks.1.mlp.hook_post'], ['blocks.0.attn.hook_pattern', 'L0H0'], ['blocks.1.attn.hook_pattern', 'L1H0'],
      ['dec.blocks.2.hook_resid_mid', 'dec.blocks.2.hook_resid_mid'],
    ]);
    assert.equal(places[1]?.description, '8 heads, [batch, 8, pos, pos]');
  });
});

suite('the line that made what an address points at', () => {
  const line = (number: number, ...made: MadeLine['made']): MadeLine => ({ file: 'model.py', line: number, code: '', nodes: 1, made, calls: [] });
  const tensor = (hook: string, layers: readonly number[], tower = ''): MadeLine['made'][number] => ({ tower, layers, hook, shape: [] });
  const map = {
    lines: [
      line(1, tensor('hook_embed', [])), line(2, tensor('hook_resid_pre', [0])), line(3, tensor('attn.hook_pattern', [0, 1])), line(4, tensor('mlp.hook_post', [0, 1])),
      line(5, tensor('hook_resid_post', [0, 1])), line(6, tensor('cross_attn.hook_z', [1], 'dec')), line(7, tensor('layer1.0.conv2', [])), line(8, tensor('cross_attn.hook_z', [0], 'pool')),
    ],
  };
  const cases: readonly (readonly [string, number | undefined])[] = [
    ['L1H3', 3], ['L1H3@7', 3], ['blocks.0.attn.hook_pattern', 3], ['L0N12', 4], ['L0.resid_pre', 2], ['blocks.1.hook_resid_pre', 5], ['hook_embed', 1],
    ['dec.L1X0', 6], ['pool.L0X3', 8], ['layer1.0.conv2:17', 7], ['L2H0', undefined], ['dec.L1H0', undefined], ['L0.nothing', undefined], ['', undefined],
  ];
  for (const [address, expected] of cases) test(`${address || 'nothing'}: ${expected === undefined ? 'none' : `line ${expected}`}`, () => assert.equal(lineOf(map, address)?.line, expected));
});

suite('a class that a module may be', () => {
  const text = (code: string): readonly string[] => code.split('\n');
  const classes = 'class Attention(nn.Module):\n    pass\nclass MLP(nn.Module):\n    pass\nclass Block(nn.Module):\n';
  const named = (code: string, path: string): string | undefined => classOf(text(`${classes}${code}`), path)?.name;

  test('is the one that its attribute is made of, however that is written', () => {
    assert.equal(named('self.attn = Attention(config)', 'transformer.h.*.attn'), 'Attention');
    assert.equal(named('self.ln, self.attn = nn.LayerNorm(dim), Attention(dim, heads)', 'h.*.attn'), 'Attention');
    assert.equal(named('self.attn, self.mlp = Attention(dim, heads), MLP(dim)', 'h.*.mlp'), 'MLP');
    assert.equal(named('    h = nn.ModuleList([Block(config) for _ in range(config.n_layer)]),', 'transformer.h.*'), 'Block');
    assert.equal(named('self.layers = nn.ModuleList(\n    Block(dim)\n    for _ in range(layers)\n)', 'layers.*'), 'Block');
    assert.equal(named('parts = {"attn": Attention(dim)}', 'parts.attn'), 'Attention');
    assert.equal(classOf(text(`${classes}self.attn = Attention(config)`), 'attn')?.line, 0);
  });

  test('is one of the same name, else none', () => {
    assert.equal(named('', 'encoder.*.mlp'), 'MLP');
    assert.equal(named('self.attn = library.Attn(config)', 'h.*.attn'), undefined);
    assert.equal(named('if attn == Attention: pass', 'h.*.attn'), undefined, 'a comparison');
    assert.equal(named('self.attn = Attention()', '*'), undefined, 'a number alone');
  });

  test('tells a file where most modules have one', () => {
    const modules = ['h.*', 'h.*.attn', 'h.*.mlp'].map((path) => ({ tower: '', part: 'block' as const, layers: [0], path }));
    assert.equal(resolvedIn(text(`${classes}self.attn = Attention()\nself.h = [Block()]`), modules), 3);
    assert.equal(resolvedIn(text('class MLP:\n  pass'), modules), 0, 'one common name is too little');
  });

  test('is asked for by the part that an address points into', () => {
    const parts = ['L1H2', 'dec.L0X1', 'L1N3', 'L0.resid_post', 'blocks.2.hook_attn_out', 'blocks.2.hook_mlp_out', 'hook_embed'].map((address) => partOf(address)?.part);
    assert.deepEqual(parts, ['attention', 'cross', 'mlp', 'block', 'attention', 'mlp', undefined]);
  });
});
