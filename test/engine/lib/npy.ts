/** .npy files as NumPy 1.x and 2.x write them (numpy.lib.format, version 1.0). */

export interface NpyOptions {
  /** As in NumPy: '<i8', '<f4', '|b1' … */
  readonly descr: string;
  readonly shape: readonly number[];
  readonly fortran?: boolean;
}

export function npyBytes(elements: ArrayBufferView, { descr, shape, fortran = false }: NpyOptions): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0] ?? 0},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${tuple}, }`;
  const header = `${text.padEnd(Math.ceil((10 + text.length + 1) / 64) * 64 - 10 - 1)}\n`;
  const data = new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
  return Buffer.concat([Buffer.from([0x93]), Buffer.from('NUMPY'), Buffer.from([1, 0, header.length & 0xff, header.length >> 8]), Buffer.from(header, 'latin1'), data]);
}
