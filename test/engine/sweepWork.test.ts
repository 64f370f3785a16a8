/**
 * A sweep does hardly more floating-point work than it cannot avoid: what lies behind each edited tensor, at the positions that the edit reaches (in front of them a decoder's run
 * is as it was), and the unembedding at the measured position only.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { By, Patching, Site } from '../../src/shared/experiment/experiment.ts';
import { engineHandlers } from '../../src/engine/server.ts';
import { gpt2Graph } from '../../bench/models/gpt2.ts';
import { writeModel } from '../../bench/models/write.ts';
import { Scratch } from '../lib/scratch.ts';
import { cellsFolder } from './lib/cells.ts';
import { WorkWatch, wholeWork } from './lib/work.ts';

/** Times what cannot be avoided. */
const LIMIT = 1.2;
const LENGTH = 15;

const scratch = new Scratch();
const context = { signal: new AbortController().signal, progress: () => undefined };

/** GPT-2 small, a twelfth as wide: as many layers, and a vocabulary as large against the rest. */
function small(): string {
  const path = scratch.path('gpt2.onnx');
  writeModel(path, gpt2Graph({ layers: 12, heads: 4, dModel: 64, dMlp: 256, vocab: 4160, context: 64 }), { weights: 'inline', sparse: false });
  return path;
}

interface Sweep {
  readonly sites: readonly Site[];
  readonly by: By;
  readonly layers?: readonly number[];
}

const sweeps: readonly Sweep[] = [
  { sites: ['resid_pre'], by: 'position' },
  { sites: ['resid_mid', 'resid_post'], by: 'position' },
  { sites: ['attn_out', 'mlp_out'], by: 'position' },
  { sites: ['z'], by: 'head' },
  { sites: ['q', 'k', 'v', 'pattern'], by: 'head' },
  { sites: ['z'], by: 'head-position' },
  { sites: ['mlp_post'], by: 'neuron', layers: [0] },
];

const hookOf = (address: string): string => {
  const [, layer = '', part = '', site = 'z'] = /^L(\d+)(H|N)\d+(?:\.(\w+))?(?:@\d+)?$/.exec(address) ?? [];
  return part === 'N' ? `blocks.${layer}.mlp.hook_post` : part === 'H' ? `blocks.${layer}.attn.hook_${site}` : address.split('@')[0] ?? '';
};

for (const [name, path, vocab] of [['twelve layers in the proportions of GPT-2', small(), 4160], ['llama', join(cellsFolder, 'llama/torch-20.onnx'), 96]] as const) {
  for (const { sites, by, layers } of sweeps) {
    test(`${name}: ${sites.join(', ')} by ${by} within ${LIMIT} times`, async (t) => {
      const watch = new WorkWatch(t);
      const engine = engineHandlers({ threads: 1, weightBudget: 1e9 });
      await engine.open({ path, tokenizer: null }, context);
      const tensors = new Map((await engine.addresses({}, context)).map((entry) => [entry.address, entry.tensor]));
      const clean = Array.from({ length: LENGTH }, (_, index) => (index * 31 + 7) % vocab);
      const corrupted = clean.map((id) => (id + 5) % vocab);
      const experiment: Patching = {
        kind: 'activation-patching', model: path, pairs: [{ clean, corrupted, target: 1, distractor: 2 }], metric: 'logit-difference', position: -1, special: false, expect: [],
        direction: 'denoise', sites, by, ...(layers ? { layers } : {}),
      };
      await watch.take();
      const { frame, unchanged } = await engine.experiment({ experiment }, context);
      const done = await watch.take();
      await engine.release({}, context);

      const whole = await wholeWork(path, clean);
      // Both prompts, then each cell whose edit changes anything.
      let least = 2 * whole.all;
      frame.addresses.forEach((address, cell) => {
        const tensor = tensors.get(hookOf(address));
        assert.ok(tensor !== undefined, `${address} has a tensor`);
        const from = Number(/@(\d+)$/.exec(address)?.[1] ?? 0);
        if (unchanged[cell] === 0) least += whole.behind(tensor) * (LENGTH - from) / LENGTH;
      });
      assert.ok(done > 0 && done <= LIMIT * least, `${(done / 1e6).toFixed(1)} million multiplications, ${(done / least).toFixed(3)} times the ${(least / 1e6).toFixed(1)} that cannot be avoided`);
      t.diagnostic(`${(done / least).toFixed(3)} times the least, in ${frame.addresses.length} cells`);
    });
  }
}
