import type { ModelSummary } from '../../../src/shared/summary.ts';
import type { Child } from '../../lib/dom.ts';
import { h } from '../../lib/dom.ts';
import { bytes, compact, count, counted, duration } from '../../../src/shared/format.ts';
import { figureList } from './figures.ts';

export function file({ model, sourceLines, ms }: ModelSummary): readonly Child[] {
  return [
    figureList('Figures of the file', [
      { term: 'Size', value: bytes(model.bytes), about: counted(model.bytes, 'byte') },
      { term: 'External data', about: 'Weights in files beside the model', value: model.externalBytes === 0 ? 'none' : bytes(model.externalBytes) },
      { term: 'Parameters', value: count(model.parameters) },
      { term: 'Weights', about: 'Elements by their type, constants among them', value: weightWords(model.weightTypes) },
      { term: 'Nodes', value: count(model.nodes) },
      { term: 'Opset', value: opsetWords(model.opset) },
      { term: 'IR version', value: model.irVersion },
      { term: 'Producer', value: model.producer === '' ? 'not said' : model.producer },
      { term: 'Source record', about: 'Nodes that carry the line of Python that made them', value: recordWords(sourceLines) },
      { term: 'Read in', value: duration(ms.read) },
      { term: 'Anatomy in', value: duration(ms.anatomy) },
    ]),
    h('p', { class: 'path mono' }, model.path),
    sourceLines.files.length > 0 && h('details', { class: 'files' },
      h('summary', {}, `${counted(sourceLines.files.length, 'Python file')} in the exporter’s record`),
      h('ul', { class: 'mono' }, sourceLines.files.map((name) => h('li', {}, name)))),
  ];
}

const opsetWords = (opset: ModelSummary['model']['opset']): string =>
  Object.entries(opset).map(([domain, version]) => (domain === '' ? String(version) : `${domain} ${version}`)).join(', ') || 'not said';

/** "46.4 k float32, 21 int64", most first. */
const weightWords = (types: ModelSummary['model']['weightTypes']): string =>
  Object.entries(types).sort(([, a], [, b]) => b - a).map(([name, elements]) => `${compact(elements)} ${name}`).join(', ') || 'none';

const recordWords = ({ nodes, withSource }: ModelSummary['sourceLines']): string => (withSource === 0 ? 'none' : `${count(withSource)} of ${counted(nodes, 'node')}`);
