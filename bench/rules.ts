/** Engine rules that hold because they were measured: what they are worth on this machine. */
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { readAnatomy } from '../src/engine/anatomy/read.ts';
import { inferTypes } from '../src/engine/onnx/infer/infer.ts';
import { OnnxModel } from '../src/engine/onnx/model.ts';
import { writeSlim } from '../src/engine/onnx/slim.ts';
import { chainShape, planChain } from '../src/engine/program/chain.ts';
import { promptOf, rest, withEngine } from './lib/engine.ts';
import { inTurns } from './lib/pairs.ts';
import { Reference } from './lib/reference.ts';
import { MB, median } from './lib/results.ts';
import type { Result } from './lib/results.ts';
import { gpt2Small } from './models/gpt2.ts';

/** `session.force_spinning_stop`: without it, threads of sessions that have just run take the cores from the one that runs. */
export async function measureSpinning(path: string, length: number, pairs: number): Promise<readonly Result[]> {
  const { default: ort } = await import('onnxruntime-node');
  const model = await OnnxModel.open(path);
  const types = inferTypes(model);
  const shape = chainShape(model, types, readAnatomy(model, types));
  const { stages } = planChain(types.graph, shape, shape.blockCuts, []);
  const read = new Set([shape.logits, ...stages.flatMap((stage) => stage.feeds)]);
  const fetched = stages.map((stage) => stage.carries.filter((value) => read.has(value)).map((value) => value.name));
  const ids = promptOf(length, gpt2Small.vocab);

  const chainOf = async (extra: Readonly<Record<string, string>>): Promise<readonly InferenceSession[]> => {
    const sessions: InferenceSession[] = [];
    for (const stage of stages) {
      const slim = writeSlim(model, {
        nodes: stage.nodes.map((node) => shape.rewriter.proto(node)),
        inputs: stage.feeds.map((value) => ({ name: value.name, elemType: types.of(value).elemType })),
        outputs: stage.carries.map((value) => ({ name: value.name, elemType: types.of(value).elemType })),
      });
      sessions.push(await ort.InferenceSession.create(slim.bytes, { enableCpuMemArena: false, extra: { session: { model_external_initializers_file_folder_path: slim.folder, ...extra } } }));
    }
    return sessions;
  };
  const walk = async (sessions: readonly InferenceSession[]): Promise<number> => {
    const started = performance.now();
    const known: Record<string, Tensor> = { input_ids: new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]) };
    for (const [index, session] of sessions.entries()) {
      const feeds = Object.fromEntries(session.inputNames.map((name) => [name, known[name] as Tensor]));
      Object.assign(known, await session.run(feeds, fetched[index] ?? []));
    }
    return performance.now() - started;
  };

  const reference = await Reference.load(path);
  const results: Result[] = [];
  for (const [id, what, extra] of [['stopped', 'with force_spinning_stop', { force_spinning_stop: '1' }], ['default', 'as ONNX Runtime does by default', {}]] as const) {
    const sessions = await chainOf(extra);
    const measured = await inTurns(pairs, () => reference.run(ids), () => walk(sessions));
    for (const session of sessions) await session.release();
    results.push({ id: `spinning.${id}`, what: `Chain of ${stages.length} stages, ${length} tokens, ${what}`, value: median(measured.map(([plain, ours]) => ours / plain)), unit: 'x', note: `of the untouched session; ${pairs} pairs` });
  }
  await reference.end();
  await model.close();
  return results;
}

/**
 * Released sessions give their memory back, since they have no arena. After long prompts, glibc keeps part of what was
 * freed for the next run: ending the engine is what gives all of it back.
 */
export async function measureMemory(path: string, length: number): Promise<readonly Result[]> {
  return await withEngine(async (engine) => {
    const rss = async (): Promise<number> => {
      await rest(200);
      return (await engine.call('status', {})).rss / MB;
    };
    const before = await rss();
    await engine.call('open', { path, tokenizer: null });
    const opened = await rss();
    await engine.call('run', { prompt: { kind: 'ids', ids: promptOf(length, gpt2Small.vocab) }, patterns: true });
    const run = await rss();
    const { sessions } = await engine.call('status', {});
    await engine.call('release', {});
    const released = await rss();
    return [
      { id: `memory.run.${length}`, what: `Memory that a run adds, ${length} tokens`, value: run - opened, unit: 'MB', note: `to an engine of ${opened.toFixed(0)} MB, ${before.toFixed(0)} MB before opening; ${sessions} sessions and the run kept` },
      { id: `memory.released.${length}`, what: '  after release', value: released - opened, unit: 'MB', note: '' },
    ];
  });
}
