/** A neuron's examples and the neurons like it as one table: a row for each, which says what it is and leaves the columns of the others empty. */
import type { NeuronExample, NeuronFigures } from '../../../src/shared/neurons/figures.ts';
import type { SimilarList, SimilarNeurons } from '../../../src/shared/neurons/similar.ts';
import { csvField, decimal, END } from '../../lib/export/csv.ts';

type Fields = readonly (string | number)[];

const ofExample = ['activation', 'quantile', 'token', 'context', 'file', 'record', 'offset', 'row', 'position'];
const ofSimilar = ['similar', 'similarity', 'reading'];

export function neuronCsv({ address, examples }: NeuronFigures, similar: SimilarNeurons | undefined): string {
  const rows: readonly Fields[] = [
    ['neuron', 'what', ...ofExample, ...ofSimilar],
    ...examples.map((example) => [address, 'example', ...exampleFields(example), ...ofSimilar.map(() => '')]),
    ...(similar ? [...similarRows(address, 'writes alike', similar.weights), ...similarRows(address, 'fires alike', similar.examples)] : []),
  ];
  return rows.map((fields) => fields.map(String).map(csvField).join(',') + END).join('');
}

const exampleFields = ({ activation, quantile, token, context, file, record, offset, row, position }: NeuronExample): Fields =>
  [decimal(activation), quantile, token, context.tokens.join(''), file, record, offset, row, position];

const similarRows = (address: string, what: string, list: SimilarList): readonly Fields[] =>
  (list.kind === 'none' ? [] : list.neurons.map(({ address: other, similarity, labels }) => [address, what, ...ofExample.map(() => ''), other, similarity, labels[0] ?? '']));
