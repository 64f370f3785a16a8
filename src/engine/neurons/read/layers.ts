/** What an index tells of each layer's neurons as a whole. */
import type { NeuronLayer } from '../../../shared/neurons/figures.ts';
import { neuronAddress } from '../../../shared/addresses.ts';
import type { RankedNeuron } from '../../../shared/neurons/readings.ts';
import { isDead, isDense } from '../figures.ts';
import { decodeReadings } from '../store/readings.ts';
import type { ReadingRecord } from '../store/readings.ts';
import { UNITS } from '../store/schema.ts';
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
      ...ranked(reader, layer),
    };
  });
}

/** Neurons of either list. */
const LISTED = 20;
/** Of its examples, the one meaning of a monosemantic neuron has at least so many. */
const MOSTLY = 0.8;

/** From the layer's own stretch of the table. */
function ranked(reader: IndexReader, layer: number): Pick<NeuronLayer, 'monosemantic' | 'polysemantic'> {
  const all = reader.all('SELECT id, meanings, sure, readings FROM reading WHERE id >= ? AND id < ? AND meanings > 0 AND sure > 0', layer * UNITS, (layer + 1) * UNITS).map((found) => {
    const { readings, meanings, sure } = decodeReadings(found as unknown as ReadingRecord);
    return { address: neuronAddress('', layer, Number(found['id']) % UNITS), meanings, sure: sure ?? 0, largest: readings[0]?.share ?? 0, labels: readings.filter(({ rule }) => rule !== null).map(({ label }) => label) };
  });
  const listed = (chosen: typeof all): readonly RankedNeuron[] => chosen.slice(0, LISTED).map(({ address, meanings, sure, labels }) => ({ address, meanings, sure, labels }));
  return {
    monosemantic: listed(all.filter(({ meanings, largest }) => meanings === 1 && largest >= MOSTLY).sort((a, b) => b.sure - a.sure)),
    polysemantic: listed(all.filter(({ meanings }) => meanings > 1).sort((a, b) => b.meanings - a.meanings || b.sure - a.sure)),
  };
}
