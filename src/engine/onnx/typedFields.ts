/** Tensor elements that stand in protobuf's typed fields, as the little-endian bytes that raw_data would hold. */
import { fromBinary } from '@bufbuild/protobuf';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { CogscopeError } from '../../shared/errors.ts';
import { elementTypes } from './elementType.ts';
import type { FieldSegment } from './graph.ts';
import { TensorProtoSchema } from './proto/onnx_pb.js';
import type { TensorProto } from './proto/onnx_pb.js';

/** The bytes of a decoded tensor, whichever field holds them. */
export function rawBytes(tensor: TensorProto): Uint8Array {
  if (tensor.rawData.length > 0) return tensor.rawData;
  if (tensor.floatData.length > 0) return bytesOf(Float32Array.from(tensor.floatData));
  if (tensor.doubleData.length > 0) return bytesOf(Float64Array.from(tensor.doubleData));
  if (tensor.int64Data.length > 0) return bytesOf(BigInt64Array.from(tensor.int64Data));
  if (tensor.uint64Data.length > 0) return tensor.dataType === 12 ? bytesOf(Uint32Array.from(tensor.uint64Data, Number)) : bytesOf(BigUint64Array.from(tensor.uint64Data));
  if (tensor.int32Data.length > 0) return narrow(tensor.int32Data, tensor.dataType);
  return new Uint8Array(0);
}

/** int32_data also holds smaller types, one element each (two for 4-bit types, already packed in a byte). */
function narrow(values: readonly number[], dataType: number): Uint8Array {
  const bits = elementTypes.get(dataType)?.bits ?? 32;
  if (bits === 32) return bytesOf(Int32Array.from(values));
  return bits === 16 ? bytesOf(Uint16Array.from(values)) : Uint8Array.from(values);
}

const bytesOf = (array: ArrayBufferView): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/**
 * Decodes segments of one typed field that were left in the file, by giving them to the library as a tensor of their own.
 * `read` fetches a stretch of the file; it is asked once, since a field that is not packed has a segment an element.
 */
export function decodeSegments(field: number, segments: readonly FieldSegment[], dataType: number, read: (offset: number, length: number) => Uint8Array): Uint8Array {
  const writer = new BinaryWriter();
  const from = segments[0]?.offset ?? 0;
  const last = segments.at(-1);
  const stretch = read(from, last ? last.offset + last.length - from : 0);
  for (const segment of segments) {
    const bytes = stretch.subarray(segment.offset - from, segment.offset - from + segment.length);
    if (segment.packed) writer.tag(field, 2).bytes(bytes);
    else writer.tag(field, unpackedWire(field)).raw(bytes);
  }
  try {
    const tensor = fromBinary(TensorProtoSchema, writer.finish());
    tensor.dataType = dataType;
    return rawBytes(tensor);
  } catch (error) {
    throw new CogscopeError('unreadable', 'A weight is damaged', 'Export the model again', '', String(error));
  }
}

/** Single elements: float is 4 bytes, double 8, integers are varints. */
const unpackedWire = (field: number): number => (field === 4 ? 5 : field === 10 ? 1 : 0);
