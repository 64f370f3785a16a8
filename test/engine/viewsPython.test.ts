/** What the copied code of each view gives in TransformerLens is what the engine shows of the ONNX file (training/views/rerun_views.py). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSafetensors } from '../../src/engine/io/safetensors.ts';
import { toFloat32 } from '../../src/engine/ort/tensor.ts';
import { engineHandlers } from '../../src/engine/server.ts';
import type { ShownView } from '../../src/shared/python/view.ts';
import type { Shown } from '../../src/shared/python/write.ts';
import { viewCases, viewsFolder } from '../lib/viewCases.ts';

const EQUAL = 1e-4;
const ALL = 100;
const quiet = { signal: new AbortController().signal, progress: (): void => undefined };
const goldens = readSafetensors(readFileSync(join(viewsFolder, 'goldens.safetensors')));

type Engine = ReturnType<typeof engineHandlers>;
type Numbers = Readonly<Record<string, ArrayLike<number>>>;

async function opened(path: string, subject: string): Promise<Engine> {
  const engine = engineHandlers({ threads: 1, weightBudget: 1e9 });
  await engine.open({ path: join(import.meta.dirname, '../..', path), tokenizer: subject === 'gpt2' ? join(viewsFolder, 'tokenizer.json') : null }, quiet);
  return engine;
}

/** What the engine says of a view, under the names of the goldens. */
async function shownBy(engine: Engine, { prompt, head, view }: Shown): Promise<Numbers> {
  const place = { tower: '', attention: 'self', layer: head?.layer ?? 0 } as const;
  const whole = (length: number) => ({ ...place, head: head?.head ?? 0, row: 0, rows: length, col: 0, cols: length });
  const ran = (of = prompt) => engine.run({ prompt: of, patterns: true }, quiet);
  switch (view.kind) {
    case 'pattern': {
      const { run, tokens } = await ran();
      return { values: (await engine.patternTile({ run, ...whole(tokens.length) }, quiet)).values };
    }
    case 'scores': case 'weighted': case 'rollout': case 'effect': {
      const { run, tokens } = await ran();
      return { values: (await engine.attentionTile({ run, ...whole(tokens.length), view: view.kind, ...(view.kind === 'effect' && view.target !== null ? { target: view.target } : {}) }, quiet)).values };
    }
    case 'difference': {
      const [{ run: a }, { run: b }] = [await ran(), await ran(view.second)];
      const { towers } = await engine.alignRuns({ a, b }, quiet);
      assert.deepEqual(towers['']?.map((column) => [column.a ?? -1, column.b ?? -1]), view.columns, 'the case has the alignment that the panel would tell');
      return { values: (await engine.differenceTile({ a, b, ...whole(view.columns.length) }, quiet)).values };
    }
    case 'mean': {
      const { run, tokens, leftOut } = await engine.averagePatterns({ prompts: view.prompts }, quiet);
      assert.deepEqual(leftOut, []);
      return { mean: (await engine.patternTile({ run, ...whole(tokens.length) }, quiet)).values, deviation: (await engine.spreadTile({ run, ...whole(tokens.length) }, quiet)).values };
    }
    case 'writes': {
      const { position, source, reads } = view;
      const { run } = await ran();
      const { top } = await engine.headWrites({ run, ...place, head: head?.head ?? 0, position, source: reads === 'run' ? null : { position: source, reads }, top: ALL }, quiet);
      return { values: [...top].sort((one, other) => one.id - other.id).map(({ effect }) => effect) };
    }
    case 'outputs': {
      const { run, tokens } = await ran();
      const { layers } = await engine.headOutputs({ run, target: view.target }, quiet);
      const at = view.position < 0 ? tokens.length + view.position : view.position;
      const column = (values: Float32Array | null, rows: number): readonly number[] => [...values ?? []].filter((_, index) => index % rows === at);
      return { norms: layers.flatMap(({ norms, rows }) => column(norms, rows)), ...(view.target === null ? {} : { effects: layers.flatMap(({ effects, rows }) => column(effects, rows)) }) };
    }
    case 'headScores': {
      const { text, pattern } = view;
      const { layers, protocol } = text.kind === 'run'
        ? await engine.headScores({ text: { kind: 'run', run: (await ran()).run }, patterns: [pattern] }, quiet)
        : await engine.headScores({ text: { kind: 'repeated', rows: text.rows, seed: text.seed, period: text.period }, patterns: [pattern] }, quiet);
      if (text.kind === 'repeated') assert.deepEqual({ kind: 'repeated', rows: protocol.rows, ...protocol.repeated?.[0], tower: '' }, { ...text, tower: '' }, 'the case has the protocol that the panel would tell');
      return { values: layers.flatMap(({ values }) => [...values]) };
    }
    case 'lens':
      return lensBy(engine, prompt, view);
    default:
      return view satisfies never;
  }
}

async function lensBy(engine: Engine, prompt: Shown['prompt'], { mid, target, distractor, positions }: Extract<ShownView, { readonly kind: 'lens' }>): Promise<Numbers> {
  const { rows } = await engine.lens({ prompt, mid, target, distractor, top: 5 }, quiet);
  const read = {
    ids: rows.flatMap(({ ids }) => [...ids]), probabilities: rows.flatMap(({ probabilities }) => [...probabilities]), entropy: rows.flatMap(({ entropy }) => [...entropy]), norm: rows.flatMap(({ norm }) => [...norm]),
    ...(target === null ? {} : { target: rows.flatMap((row) => [...row.target?.probability ?? []]), rank: rows.flatMap((row) => [...row.target?.rank ?? []]) }),
  };
  if (target === null) return read;
  const { parts, logit } = await engine.attribution({ prompt, target, distractor, positions }, quiet);
  return { ...read, logit, ...Object.fromEntries(parts.map(({ address, values }) => [`part.${address}`, values])) };
}

/** NaN where both have none, minus infinity where both do; else as near as single precision has it. */
const isEqual = (found: number, expected: number): boolean => Object.is(found, expected) || Math.abs(found - expected) < EQUAL;

for (const { name, path, subject, shown } of viewCases) {
  test(`${name}: the engine shows what the code gives`, async () => {
    const engine = await opened(path, subject);
    const found = await shownBy(engine, shown);
    const expected = new Map([...goldens].filter(([key]) => key.startsWith(`${name}/`)).map(([key, tensor]) => [key.slice(name.length + 1), toFloat32(tensor)]));
    // A part that the model does not have adds nothing; neither side need name it.
    const names = [...expected].filter(([key, values]) => found[key] !== undefined || values.some((value) => Math.abs(value) > EQUAL)).map(([key]) => key);
    assert.deepEqual(Object.keys(found).filter((key) => !expected.has(key)), []);
    for (const key of names) {
      const own = found[key] ?? [];
      const values = expected.get(key) ?? [];
      assert.equal(own.length, values.length, key);
      for (let at = 0; at < values.length; at++) assert.ok(isEqual(own[at] ?? NaN, values[at] ?? NaN), `${key}, ${at}: ${own[at]}, ${values[at]} in TransformerLens`);
    }
    await engine.release({}, quiet);
  });
}
