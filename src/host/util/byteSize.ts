const units: readonly (readonly [number, string])[] = [[1e9, 'GB'], [1e6, 'MB'], [1e3, 'kB']];

/** 837191 is "837 kB": three significant digits, in powers of a thousand. Pure. */
export function byteSize(bytes: number): string {
  const [unit, name] = units.find(([size]) => bytes >= size) ?? [1, 'bytes'];
  const value = bytes / unit;
  return `${value >= 100 || unit === 1 ? Math.round(value) : value.toPrecision(3)} ${name}`;
}
