/** What an index tells of each layer's neurons as a whole. */
import type { NeuronLayer } from '../../../shared/neurons/figures.ts';
import { isDead, isDense } from '../figures.ts';
import { float32, float64 } from './reader.ts';
import type { IndexReader } from './reader.ts';

export function neuronLayers(reader: IndexReader): readonly NeuronLayer[] {
  const { tokens, finished } = reader.state;
  const share = (value: number, count: number): number => (count > 0 ? value / count : 0);
  return reader.all('SELECT layer, neurons, activation, sum, firing, largest FROM mlp ORDER BY layer').map((found): NeuronLayer => {
    const [layer, neurons] = [Number(found['layer']), Number(found['neurons'])];
    const [sum, firing, largest] = [float64(found['sum'] as Uint8Array), float64(found['firing'] as Uint8Array), float32(found['largest'] as Uint8Array)];
    const all = (values: Float64Array): number => values.reduce((added, value) => added + value, 0);
    return {
      layer, address: `blocks.${layer}.mlp.hook_post`, neurons, activation: String(found['activation']), tokens, finished,
      dead: firing.filter((count) => isDead(count, tokens)).length, dense: firing.filter((count) => isDense(count, tokens)).length,
      firingRate: share(all(firing), neurons * tokens), mean: share(all(sum), neurons * tokens), max: tokens > 0 ? largest.reduce((most, value) => Math.max(most, value), -Infinity) : 0,
    };
  });
}
