/** How the tensors of one run become those of several stacked variants of it. */
import type { Value } from '../onnx/graph.ts';
import { sameDim } from '../onnx/infer/dim.ts';
import type { Dim } from '../onnx/infer/dim.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { Tensor } from '../ort/tensor.ts';
import { CogscopeError } from '../../shared/errors.ts';
import { tile } from './tensors.ts';

export class BatchRows {
  private readonly types: TypeTable;
  private readonly content: (value: Value) => boolean;
  /** Names that the file gives to the number of rows. */
  private readonly names: ReadonlySet<string>;

  constructor(types: TypeTable, content: (value: Value) => boolean) {
    this.types = types;
    this.content = content;
    const shapes = types.graph.inputs.map((input) => types.of(input).shape ?? []);
    this.names = new Set(shapes.flatMap((shape) => (shape.length > 1 ? shape[0]?.symbols ?? [] : [])));
  }

  /** Whether a value has the rows at the front of its first axis; undefined where neither that nor the contrary is certain. */
  hasRows(value: Value): boolean | undefined {
    const { shape } = this.types.of(value);
    // A vector that hangs on shapes alone may hold the number of rows.
    if (!shape || (shape.length < 2 && !this.content(value))) return undefined;
    const [first, ...others] = shape;
    if (others.some((dim) => this.holds(dim))) return undefined;
    return shape.length === 0 ? false : first && this.holds(first);
  }

  /** A tensor of a run before, repeated where it has rows, as it is where it has none. */
  repeated(value: Value, tensor: Tensor, times: number): Tensor {
    return this.hasRows(value) === true ? tile(tensor, times) : tensor;
  }

  /** An input, which has one row, or so many that the rows wanted are a multiple. */
  inputToRows(value: Value, tensor: Tensor, rows: number): Tensor {
    const have = tensor.dims[0] ?? 1;
    if (have === rows || tensor.dims.length === 0 || (tensor.dims.length === 1 && !this.isOneEach(value))) return tensor;
    if (rows % have !== 0) throw new CogscopeError('refused', `"${value.name}" cannot be repeated for ${rows} variants`, 'Give one row');
    return tile(tensor, rows / have);
  }

  private holds(dim: Dim | undefined): boolean {
    return dim !== undefined && dim.symbols.some((name) => this.names.has(name));
  }

  /** Of a value with one axis: whether that is the rows (a length for each), and not positions or a switch for all. */
  private isOneEach(value: Value): boolean {
    const axis = this.types.of(value).shape?.[0];
    return this.types.graph.inputs.some((input) => {
      const shape = this.types.of(input).shape ?? [];
      return shape.length > 1 && sameDim(shape[0], axis);
    });
  }
}
