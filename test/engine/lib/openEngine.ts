/** The engine's methods in this process, with a model open. */
import { engineHandlers } from '../../../src/engine/server.ts';
import type { EngineApi } from '../../../src/shared/protocol/engineApi.ts';
import type { CallContext, Handlers } from '../../../src/shared/rpc/connection.ts';

export async function openEngine(path: string, tokenizer: string | null): Promise<{ readonly engine: Handlers<EngineApi>; readonly call: CallContext }> {
  const engine = engineHandlers({ threads: 1, weightBudget: 1e9 });
  const call: CallContext = { signal: new AbortController().signal, progress: () => undefined };
  await engine.open({ path, tokenizer }, call);
  return { engine, call };
}
