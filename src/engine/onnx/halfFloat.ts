/** Widening of 16-bit floats, as bit patterns. */

/** IEEE 754 binary16 to binary32, subnormals, infinities and NaN included. */
export function float16ToFloat32(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (const [index, half] of halves.entries()) bits[index] = widen(half);
  return new Float32Array(bits.buffer);
}

function widen(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return (sign | 0x7f800000 | (fraction << 13)) >>> 0;
  if (exponent !== 0) return (sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0;
  if (fraction === 0) return sign >>> 0;
  // Subnormal: shift until the leading one stands where the hidden bit goes.
  const shift = Math.clz32(fraction) - 21;
  return (sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13)) >>> 0;
}

/** bfloat16 is the upper half of binary32. */
export function bfloat16ToFloat32(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (const [index, half] of halves.entries()) bits[index] = half << 16;
  return new Float32Array(bits.buffer);
}
