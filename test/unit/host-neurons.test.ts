import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, suite, test } from 'node:test';
import type { ModelHandle } from '../../src/host/engine/modelHandle.ts';
import { fieldsOf } from '../../src/host/neurons/fields.ts';
import { indexToEnd } from '../../src/host/neurons/indexToEnd.ts';
import type { NeuronIndexing } from '../../src/host/neurons/indexing.ts';
import { indexPath } from '../../src/host/neurons/place.ts';
import { NeuronReader } from '../../src/host/neurons/reader.ts';
import { forecastLine, progressLine, resultLine } from '../../src/host/neurons/words.ts';
import { CogscopeError } from '../../src/shared/errors.ts';
import type { NeuronForecast, NeuronIndexParams, NeuronIndexProgress, NeuronIndexResult } from '../../src/shared/neurons/build.ts';

suite('where an index lies', () => {
  test('follows the model’s way within the workspace', () => {
    const of = (model: string): string => indexPath({ model, workspace: '/w', folder: '.cogscope' });
    assert.equal(of('/w/a/model.onnx'), '/w/.cogscope/a/model.onnx.neurons.db');
    assert.notEqual(of('/w/a/model.onnx'), of('/w/b/model.onnx'));
  });

  test('tells models of elsewhere apart by their place', () => {
    const of = (model: string, folder = '.cogscope'): string => indexPath({ model, workspace: '/w', folder });
    assert.match(of('/elsewhere/model.onnx'), /^\/w\/\.cogscope\/model\.onnx-[0-9a-f]{12}\.neurons\.db$/);
    assert.notEqual(of('/elsewhere/model.onnx'), of('/other/model.onnx'));
    assert.notEqual(of('/w/a/model.onnx', '/big'), of('/w/b/model.onnx', '/big'), 'in a folder of its own for all workspaces');
  });

  test('is beside the model where there is no workspace, or no folder is named', () => {
    assert.equal(indexPath({ model: '/m/model.onnx', workspace: undefined, folder: '' }), '/m/.cogscope/model.onnx.neurons.db');
  });
});

suite('the fields of a text', () => {
  test('of JSONL are its keys with strings, whatever the records are', () => {
    assert.deepEqual(fieldsOf('a.jsonl', '{"id": 1, "text": "a", "title": "b"}\n[1]\nno json\n{"note": "c", "text": "d"}\n{"cut": "'), ['text', 'title', 'note']);
    assert.deepEqual(fieldsOf('a.ndjson', '{"only": "one line"}'), ['only']);
  });

  test('of CSV are its columns, quoted or not', () => {
    assert.deepEqual(fieldsOf('a.csv', '\uFEFFid,"the, text","say ""so""",last\r\n1,a,b,c'), ['id', 'the, text', 'say "so"', 'last']);
    assert.deepEqual(fieldsOf('a.TSV', 'id\ttext, more\n1\ta'), ['id', 'text, more']);
  });

  test('of plain text are none', () => {
    assert.deepEqual(fieldsOf('a.txt', '{"text": "a"}'), []);
  });
});

const forecast: NeuronForecast = { kind: 'forecast', layers: 6, neurons: 4608, heads: 36, files: 1, tokens: 36_000, bytes: 14_100_000, ms: 125_000, memory: 26_000_000, done: 0, refused: [], descriptions: null };
const tokens: NeuronIndexProgress = { kind: 'tokens', tokens: 4500, of: 36_000, perSecond: 5210, msLeft: 63_000 };
const result: NeuronIndexResult = { forecast, finished: true, tokens: 36_000, rows: 1, dead: 0, dense: 0, bytes: 1, ms: 1 };
const died = new CogscopeError('engine-died', 'The engine died');

suite('an index that is made', () => {
  /** Each engine in turn tells its steps and ends as it says. */
  async function over(engines: readonly { readonly steps: readonly NeuronIndexProgress[]; readonly end: CogscopeError | NeuronIndexResult }[], rebuild = false): Promise<{ readonly end: unknown; readonly given: readonly NeuronIndexParams[]; readonly agains: number }> {
    const given: NeuronIndexParams[] = [];
    let agains = 0;
    const end = await indexToEnd({
      call: async (params, options) => {
        const engine = engines[given.length];
        assert.ok(engine, 'one engine more than were expected');
        given.push(params);
        for (const step of engine.steps) options.onProgress?.(step);
        if (engine.end instanceof CogscopeError) throw engine.end;
        return engine.end;
      },
      params: { db: 'a.db', texts: [{ path: 'a.txt' }], rebuild }, signal: new AbortController().signal, progress: () => undefined, again: () => agains++,
    }).catch((error: unknown) => error);
    return { end, given, agains };
  }

  test('goes on with the next engine where one died behind a commit', async () => {
    const { end, agains } = await over([{ steps: [forecast, tokens], end: died }, { steps: [forecast, tokens], end: died }, { steps: [forecast, tokens], end: died }, { steps: [forecast], end: result }]);
    assert.equal(end, result);
    assert.equal(agains, 3);
  });

  test('is given up where engines die without a commit', async () => {
    const { end, given } = await over([{ steps: [forecast], end: died }, { steps: [], end: died }]);
    assert.equal(end, died);
    assert.equal(given.length, 2);
  });

  test('is begun anew once only', async () => {
    const { given } = await over([{ steps: [], end: died }, { steps: [forecast, tokens], end: result }], true);
    assert.deepEqual(given.map(({ rebuild }) => rebuild), [true, true], 'the first engine died before it replaced the old index');
    const later = await over([{ steps: [forecast, tokens], end: died }, { steps: [forecast], end: result }], true);
    assert.deepEqual(later.given.map(({ rebuild }) => rebuild), [true, false]);
  });

  test('is paused, not failed, where the engine had to be ended for it', async () => {
    const controller = new AbortController();
    const ended = indexToEnd({
      call: async () => {
        controller.abort();
        throw died;
      },
      params: { db: 'a.db', texts: [] }, signal: controller.signal, progress: () => undefined, again: () => assert.fail('it went on'),
    });
    await assert.rejects(ended, (error: unknown) => error instanceof CogscopeError && error.code === 'cancelled');
  });

  test('is foretold and followed in words', () => {
    assert.equal(forecastLine(forecast), 'About 36,000 tokens of 1 file take 2 min 5 s to read, 14.1 MB on disk and 26 MB of memory; readings and output tokens are made after that');
    assert.equal(forecastLine({ ...forecast, done: 1200 }), 'About 36,000 tokens of 1 file take 2 min 5 s to read, 14.1 MB on disk and 26 MB of memory; 1,200 tokens are done; readings and output tokens are made after that');
    assert.equal(progressLine(tokens), '12.5%, 5,210 tokens a second, 1 min 3 s left');
    const figures = '4,608 neurons indexed over 36,000 tokens in 2 min 5 s: 12 fire on no token, 1,040 on more than half';
    const made = { ...result, dead: 12, dense: 1040, ms: 125_000 };
    assert.equal(resultLine(made), figures);
    const described = (kept: number, dropped: number, another: string | null): string => resultLine({ ...made, forecast: { ...forecast, descriptions: { kept, dropped, another } } });
    assert.equal(described(1, 0, null), `${figures}; 1 imported description is kept`);
    assert.equal(described(1200, 1, null), `${figures}; 1,200 imported descriptions are kept, 1 is dropped: the model has no such neuron`);
    assert.equal(described(0, 2, null), `${figures}; 2 imported descriptions are dropped: the model has no such neuron`);
    assert.equal(described(0, 1, 'other.onnx'), `${figures}; 1 imported description is dropped: it is of other.onnx`);
  });
});

suite('what an index tells while somebody reads', () => {
  let folder = '';
  let db = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cogscope-reader-'));
    db = join(folder, 'model.neurons.db');
    writeFileSync(db, 'index');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A model whose engine gives these answers, one a call; errors are thrown. */
  function reading(...answers: readonly unknown[]) {
    const asked: unknown[] = [];
    const model = { state: { kind: 'open' } };
    const handle = {
      uri: {}, pid: 1 as number | undefined, model,
      call: (method: string): Promise<unknown> => {
        const answer = answers[asked.push(method) - 1];
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
    };
    const reader = new NeuronReader({ placeOf: () => db } as unknown as NeuronIndexing);
    return { asked, handle, model, read: () => reader.read(handle as unknown as ModelHandle, 'neuronLayers', {}, 10_000) };
  }

  test('is asked for once, and told while the engine rests', async () => {
    const { asked, handle, read } = reading(['first']);
    assert.deepEqual(await read(), { kind: 'there', value: ['first'] });
    handle.pid = undefined;
    assert.deepEqual(await read(), { kind: 'there', value: ['first'] });
    assert.equal(asked.length, 1);
  });

  test('is asked for again where another program had the index', async () => {
    const { read } = reading(new CogscopeError('refused', 'Another program is using the index', 'Wait until it is done'), ['second']);
    assert.equal((await read()).kind, 'refused');
    assert.deepEqual(await read(), { kind: 'there', value: ['second'] });
  });

  test('is asked for again when an index that is being made has grown, which its write-ahead log shows first', async () => {
    const { read } = reading(['first'], ['second']);
    await read();
    writeFileSync(`${db}-wal`, 'a chunk');
    assert.deepEqual(await read(), { kind: 'there', value: ['second'] });
  });

  test('is asked for again when the model was read anew', async () => {
    const { model, read } = reading(['first'], ['second']);
    await read();
    model.state = { kind: 'open' };
    assert.deepEqual(await read(), { kind: 'there', value: ['second'] });
  });
});
