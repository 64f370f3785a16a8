/** Engine rules that hold because they were measured: what they are worth on this machine. */
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { readAnatomy } from '../src/engine/anatomy/read.ts';
import { inferTypes } from '../src/engine/onnx/infer/infer.ts';
import { OnnxModel } from '../src/engine/onnx/model.ts';
import { writeSlim } from '../src/engine/onnx/slim.ts';
import { chainShape, planChain } from '../src/engine/program/chain.ts';
import { promptOf, rest, withEngine } from './lib/engine.ts';
import { MB, median } from './lib/results.ts';
import type { Result } from './lib/results.ts';
import { gpt2Small } from './models/gpt2.ts';

/** Between two runs, ms. */
const REST_MS = 60;

/** `session.force_spinning_stop`: without it, threads of sessions that have just run take the cores from the one that runs. */
export async function measureSpinning(path: string, length: number, times: number): Promise<readonly Result[]> {
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

  const medianOf = async (extra: Readonly<Record<string, string>>): Promise<number> => {
    const sessions = await chainOf(extra);
    const ms: number[] = [];
    for (let time = 0; time < times; time++) {
      await rest(REST_MS);
      ms.push(await walk(sessions));
    }
    for (const session of sessions) await session.release();
    return median(ms);
  };
  // Not in turns with anything: threads that spin take the cores from whatever comes next, in any process, and the other side of a ratio would pay for it.
  const [stopped, spinning] = [await medianOf({ force_spinning_stop: '1' }), await medianOf({})];
  await model.close();
  return [{
    id: 'spinning.default', what: `Chain of ${stages.length} stages, ${length} tokens, without force_spinning_stop`, value: spinning / stopped, unit: 'x',
    note: `of the chain with it: ${spinning.toFixed(1)} ms against ${stopped.toFixed(1)} ms; medians of ${times}`,
  }];
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
