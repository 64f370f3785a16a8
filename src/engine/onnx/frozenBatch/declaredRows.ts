/** How many rows a file says that an input has. */
import type { TypeProto } from '../proto/onnx_pb.js';

/** One number, 0 where any does; none where there are fewer than two axes: a switch or a length for all rows is no batch. */
export function declaredRows(declared: TypeProto | undefined): readonly number[] {
  const type = declared?.value;
  const dims = type?.case === 'tensorType' ? type.value.shape?.dim ?? [] : [];
  return dims.length < 2 ? [] : [dims[0]?.value.case === 'dimValue' ? Number(dims[0].value.value) : 0];
}
