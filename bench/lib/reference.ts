/** An untouched onnxruntime session in a process of its own, as the engine has one, for whoever forked it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { InferenceSession } from 'onnxruntime-node';
import { benchThreads } from './engine.ts';

interface Request {
  readonly path?: string;
  readonly ids?: readonly number[];
}

/** Milliseconds that the request took. */
type Reply = number;

export class Reference {
  private readonly child;

  private constructor() {
    this.child = fork(import.meta.filename, [], { execArgv: [], serialization: 'advanced' });
  }

  static async load(path: string): Promise<Reference> {
    const reference = new Reference();
    await reference.ask({ path });
    return reference;
  }

  /** Milliseconds of one run that fetches the logits. */
  run(ids: readonly number[]): Promise<Reply> {
    return this.ask({ ids });
  }

  async end(): Promise<void> {
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }

  private async ask(request: Request): Promise<Reply> {
    const reply = once(this.child, 'message');
    this.child.send(request);
    return (await reply)[0] as Reply;
  }
}

async function serve(): Promise<void> {
  const { default: ort } = await import('onnxruntime-node');
  let session: InferenceSession | undefined;
  const answer = async ({ path, ids }: Request): Promise<Reply> => {
    const started = performance.now();
    if (path !== undefined) session = await ort.InferenceSession.create(path, benchThreads() > 0 ? { intraOpNumThreads: benchThreads() } : {});
    else if (ids) await session?.run({ input_ids: new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]) });
    return performance.now() - started;
  };
  process.on('disconnect', () => process.exit(0));
  process.on('message', (request: Request) => {
    void answer(request).then((ms) => process.send?.(ms));
  });
}

if (process.argv[1] === import.meta.filename) await serve();
