/** Operators of quantised models. */
import { FLOAT, INT32, UINT8 } from '../../elementType.ts';
import { intAttribute } from '../../attributes.ts';
import { asNumber, number } from '../dim.ts';
import type { InferRule, Shape } from '../infer.ts';
import { fromEnd } from './move.ts';
import { matMulShape } from './linear.ts';

const quantize: InferRule = ({ node, input, has }) => [{ elemType: has(2) ? input(2).elemType : intAttribute(node, 'output_dtype') || UINT8, shape: input(0).shape }];

/** As wide as its scale; older operator sets know float alone. */
const dequantize: InferRule = ({ input }) => [{ elemType: input(1).elemType || FLOAT, shape: input(0).shape }];

const dynamicQuantize: InferRule = ({ input }) => [{ elemType: UINT8, shape: input(0).shape }, { elemType: FLOAT, shape: [] }, { elemType: UINT8, shape: [] }];

const integerProduct = (elemType: number): InferRule => ({ input }) => [{ elemType, shape: matMulShape(input(0).shape, input(1).shape) }];

/** The matrix is packed in blocks; its width is an attribute. */
const blockProduct: InferRule = ({ node, input }) => {
  const width = intAttribute(node, 'N');
  return [{ elemType: input(0).elemType, shape: input(0).shape && [...input(0).shape?.slice(0, -1) ?? [], width === undefined ? undefined : number(width)] }];
};

/** Rows of a table in blocks; bytes may hold two elements each. */
const blockLookup: InferRule = ({ node, input }) => {
  const [table, indices] = [input(0), input(1)];
  const perElement = table.elemType === UINT8 ? 8 / (intAttribute(node, 'bits') ?? 4) : 1;
  const unpacked: Shape | undefined = table.shape?.map((dim, axis) => (axis === (table.shape?.length ?? 0) - 1 && dim ? number((asNumber(dim) ?? 0) * perElement) : dim));
  const at = fromEnd(intAttribute(node, 'gather_axis') ?? 0, unpacked?.length ?? 0);
  return [{ elemType: input(2).elemType, shape: unpacked && indices.shape && [...unpacked.slice(0, at), ...indices.shape, ...unpacked.slice(at + 1)] }];
};

export const quantised: readonly (readonly [string, InferRule])[] = [
  ['QuantizeLinear', quantize], ['DequantizeLinear', dequantize], ['DynamicQuantizeLinear', dynamicQuantize],
  ['MatMulInteger', integerProduct(INT32)], ['MatMulIntegerToFloat', integerProduct(FLOAT)], ['DynamicQuantizeMatMul', integerProduct(FLOAT)],
  ['MatMulNBits', blockProduct], ['GatherBlockQuantized', blockLookup],
];
