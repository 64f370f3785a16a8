import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { MAX_DEATHS } from '../../../src/host/engine/restartPolicy.ts';
import type { ModelHandle } from '../../../src/host/engine/modelHandle.ts';
import type { ModelReference } from '../../../src/host/engine/models.ts';
import { afterEach, suite, test } from '../harness/inhost.ts';
import { cogscope, copyOfFixture, freeze, isReady, isRunning, opened, pidOf, run, shows } from './support.ts';

const references: ModelReference[] = [];

async function open(name = 'gpt2-sdpa-20', path = 'engine/model.onnx'): Promise<ModelHandle> {
  const reference = await opened(copyOfFixture(name, path));
  references.push(reference);
  return reference.handle;
}

const kill = (handle: ModelHandle, signal: NodeJS.Signals = 'SIGKILL'): boolean => process.kill(pidOf(handle), signal);

/** The engine that follows the one with this process id, or its failure. */
const successor = (handle: ModelHandle, pid: number): Promise<unknown> =>
  shows(handle, (model) => model.engine.kind === 'failed' || (isReady(model) && handle.pid !== pid));

suite('an engine that dies', () => {
  afterEach(() => {
    for (const reference of references.splice(0)) reference.dispose();
  });

  test('while it runs a prompt: the call says why, the same model is open again, and the same prompt gives the same', async () => {
    const handle = await open();
    const before = await handle.call('run', run);
    const pid = pidOf(handle);
    freeze(pid);
    const lost = handle.call('run', run);
    kill(handle);
    await assert.rejects(lost, { code: 'engine-died', message: /^The system ended the engine while it ran the prompt, most likely because memory ran out\. / });
    assert.equal(handle.model.engine.kind, 'restarting', 'who hears of the death does not yet hear of the new start');
    await successor(handle, pid);
    const after = await handle.call('run', run);
    assert.deepEqual(after.predictions, before.predictions);
  });

  test('while it reads the model: it is read again', async () => {
    const reference = (await cogscope()).open(copyOfFixture('gpt2-sdpa-20', 'engine/loading.onnx'));
    references.push(reference);
    const { handle } = reference;
    const pid = pidOf(handle);
    freeze(pid);
    kill(handle);
    const { engine } = await shows(handle, (model) => model.engine.kind === 'restarting');
    assert.match(engine.kind === 'restarting' ? engine.error.what : '', /while it read the model/);
    const model = await handle.settled();
    assert.equal(model.state.kind, 'open');
    assert.notEqual(handle.pid, pid);
  });

  test('of a truncated file is told so', async () => {
    const handle = await open();
    const pid = pidOf(handle);
    freeze(pid);
    const lost = handle.call('run', run);
    kill(handle, 'SIGBUS');
    process.kill(pid, 'SIGCONT'); // Only SIGKILL reaches a process that is stopped.
    await assert.rejects(lost, /^CogscopeError: The model file was truncated while it was used\. Export or copy it again, then reload the model\.$/);
  });

  test(`${MAX_DEATHS} times in a row is not started again, says so, and is by hand`, async () => {
    const handle = await open();
    for (let death = 1; death <= MAX_DEATHS; death++) {
      const pid = pidOf(handle);
      kill(handle);
      await successor(handle, pid);
    }
    const { engine, state } = handle.model;
    assert.equal(engine.kind, 'failed');
    assert.equal(state.kind, 'open', 'what was read of the model is gone from view');
    await assert.rejects(handle.call('run', run), { code: 'engine-died' }, 'a call to a failed engine does not say so at once');
    await vscode.commands.executeCommand('cogscope.restartEngine', handle.uri);
    assert.equal(handle.model.engine.kind, 'ready');
    assert.equal((await handle.call('run', run)).tokens.length, run.prompt.ids.length);
  });

  test('ten times in a row, whatever a person does in between, ends in a clear state', async () => {
    const handle = await open();
    const pids = new Set<number>();
    for (let death = 0; death < 10; death++) {
      if (handle.model.engine.kind === 'failed') await vscode.commands.executeCommand('cogscope.restartEngine', handle.uri);
      const pid = pidOf(handle);
      pids.add(pid);
      freeze(pid);
      const lost = handle.call('run', run);
      kill(handle);
      await assert.rejects(lost, { code: 'engine-died' });
      await successor(handle, pid);
    }
    assert.equal(pids.size, 10);
    await vscode.commands.executeCommand('cogscope.restartEngine', handle.uri);
    assert.equal((await handle.call('run', run)).tokens.length, run.prompt.ids.length);
    assert.deepEqual([...pids].filter(isRunning), [], 'engines that were killed still run');
  }, { timeout: 120_000 });

  test('after each successful run is started again each time', async () => {
    const handle = await open();
    for (let death = 0; death <= MAX_DEATHS; death++) {
      await handle.call('run', run);
      const pid = pidOf(handle);
      kill(handle);
      await successor(handle, pid);
      assert.equal(handle.model.engine.kind, 'ready', `after death ${death + 1}`);
    }
  });
});

suite('an engine', () => {
  afterEach(() => {
    for (const reference of references.splice(0)) reference.dispose();
  });

  test('that does not return from a cancelled run is replaced, and what waited behind is answered', async () => {
    const handle = await open();
    const pid = pidOf(handle);
    freeze(pid);
    const controller = new AbortController();
    const cancelled = handle.call('run', run, { signal: controller.signal });
    await shows(handle, (model) => model.engine.kind === 'busy');
    const behind = handle.call('tokenize', { prompt: run.prompt });
    controller.abort();
    await assert.rejects(cancelled, { code: 'cancelled' });
    assert.equal((await behind).tokens.length, run.prompt.ids.length);
    assert.notEqual(handle.pid, pid);
    assert.equal(isRunning(pid), false);
  });

  test('that returns from a cancelled run is kept', async () => {
    const handle = await open('gpt2-deep-sdpa-20');
    const pid = pidOf(handle);
    const controller = new AbortController();
    const cancelled = handle.call('run', run, { signal: controller.signal, onProgress: () => controller.abort() });
    await assert.rejects(cancelled, { code: 'cancelled' });
    await handle.call('run', run);
    assert.equal(handle.pid, pid);
  });

  test('is stopped by Cancel while it reads the model, and read by Reload', async () => {
    const reference = (await cogscope()).open(copyOfFixture('gpt2-sdpa-20', 'engine/cancelled.onnx'));
    references.push(reference);
    const { handle } = reference;
    freeze(pidOf(handle));
    await vscode.commands.executeCommand('cogscope.cancel', handle.uri);
    const { state } = await handle.settled();
    assert.equal(state.kind === 'error' ? state.error.what : state.kind, 'Reading the model was cancelled');
    await vscode.commands.executeCommand('cogscope.reloadModel', handle.uri);
    await shows(handle, (model) => model.state.kind === 'open');
  });

  test('without work is ended after the time that the settings give, and starts again with the next call', async () => {
    const handle = await open();
    const before = await handle.call('run', run);
    const pid = pidOf(handle);
    const settings = vscode.workspace.getConfiguration('cogscope');
    await settings.update('idleMinutes', 0.002, vscode.ConfigurationTarget.Workspace);
    await shows(handle, (model) => model.engine.kind === 'stopped');
    assert.equal(isRunning(pid), false);
    const after = await handle.call('run', run);
    assert.deepEqual(after.predictions, before.predictions);
    const second = pidOf(handle);
    assert.notEqual(second, pid);
    await shows(handle, (model) => model.engine.kind === 'stopped');
    assert.equal(isRunning(second), false);
    await settings.update('idleMinutes', undefined, vscode.ConfigurationTarget.Workspace);
  });

  test('is one a model, however many views show it, and ends with the last', async () => {
    const api = await cogscope();
    const handle = await open();
    const pid = pidOf(handle);
    const second = api.open(handle.uri);
    assert.equal(second.handle, handle);
    references.pop()?.dispose();
    assert.equal(isRunning(pid), true, 'the engine ended while a view still showed its model');
    second.dispose();
    await api.close();
    assert.equal(isRunning(pid), false);
  });

  test('is ended when everything is closed, also in the middle of a run', async () => {
    const api = await cogscope();
    const handles = [await open(), await open('bert-sdpa-20', 'engine/second.onnx')];
    const pids = handles.map(pidOf);
    for (const pid of pids) freeze(pid);
    const lost = handles.map((handle) => assert.rejects(handle.call('run', run), { code: 'cancelled', message: 'The model was closed.' }));
    await api.close();
    await Promise.all(lost);
    assert.deepEqual(pids.filter(isRunning), []);
    assert.deepEqual(api.models(), []);
  });

  test('that is being restarted when everything is closed does not come back', async () => {
    const api = await cogscope();
    const handle = await open();
    const restarted = handle.restart();
    await api.close();
    await restarted;
    assert.equal(handle.pid, undefined);
    assert.equal(handle.model.engine.kind, 'stopped');
  });
});
