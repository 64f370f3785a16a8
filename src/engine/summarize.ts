/** Puts together what every view and the command line tell about a model. */
import type { ModelInput, ModelSummary, Refusal, TensorInfo } from '../shared/summary.ts';
import { fillings, roleOf, sourceRecord, towerSummary } from './anatomy/summary.ts';
import { axisOf } from './anatomy/shapes.ts';
import { sourceReader } from './anatomy/source.ts';
import type { Anatomy } from './anatomy/types.ts';
import { locateBeside } from './beside.ts';
import { PROCESSOR_FILE } from './image/config.ts';
import type { TypeTable } from './onnx/infer/infer.ts';
import type { OnnxModel } from './onnx/model.ts';
import type { Value } from './onnx/graph.ts';
import { elementTypeName } from './ort/tensor.ts';
import type { Tokenizer } from './text/tokenizer.ts';

export function summarize(
  model: OnnxModel, types: TypeTable, anatomy: Anatomy, tokenizer: Tokenizer | { readonly missing: string }, ms: ModelSummary['ms'],
): ModelSummary {
  const source = sourceReader(model.records);
  // First, since it goes through the file from front to back.
  const sourceLines = sourceRecord(model.graph, source);
  const roles = [...anatomy.roles.values()];
  const problems: readonly Refusal[] = model.problems.map((problem) => ({ what: problem.what, reason: `${problem.reason}. ${problem.todo}` }));
  return {
    model: {
      path: model.path,
      bytes: model.bytes,
      externalBytes: model.externalBytes,
      ...(model.externalBytes > 0 ? { dataFiles: model.dataFiles.slice(1) } : {}),
      opset: Object.fromEntries(model.opset),
      irVersion: Number(model.proto.irVersion),
      producer: [model.proto.producerName, model.proto.producerVersion].filter((part) => part !== '').join(' '),
      parameters: model.parameters,
      nodes: model.proto.graph?.node.length ?? 0,
      weightTypes: weightTypes(model),
    },
    inputs: model.graph.inputs.map((value): ModelInput => {
      const role = roleOf(anatomy.roles, value);
      return { ...tensorInfo(value, types), role, filledWith: fillings[role] };
    }),
    outputs: model.graph.outputs.map((value) => tensorInfo(value, types)),
    towers: anatomy.towers.map((tower) => towerSummary(tower, source)),
    refused: [...problems, ...anatomy.refused],
    sourceLines,
    tokenizer: 'missing' in tokenizer ? tokenizer : { path: tokenizer.path, kind: tokenizer.kind },
    ...(roles.includes('pixels') ? { images: imagesOf(model) } : {}),
    runnable: problems.length === 0,
    ms,
  };
}

function imagesOf(model: OnnxModel): NonNullable<ModelSummary['images']> {
  const path = locateBeside(model.path, PROCESSOR_FILE);
  return path === undefined ? { missing: `No ${PROCESSOR_FILE} beside the model or up to two folders above it` } : { path };
}

function tensorInfo(value: Value, types: TypeTable): TensorInfo {
  const { elemType, shape } = types.of(value);
  return { name: value.name, type: elementTypeName(elemType), shape: (shape ?? []).map((dim) => axisOf(dim)) };
}

function weightTypes(model: OnnxModel): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const weight of model.weights.values()) {
    const name = elementTypeName(weight.dataType);
    counts[name] = (counts[name] ?? 0) + weight.dims.reduce((product, dim) => product * dim, 1);
  }
  return counts;
}
