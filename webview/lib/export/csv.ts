/** Pieces of comma-separated values (RFC 4180). */
export const END = '\r\n';

export function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The shortest decimal that reads back as the same 32-bit float. */
export function decimal(weight: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(weight.toPrecision(digits));
    if (Math.fround(short) === weight) return String(short);
  }
  return String(Number(weight.toPrecision(9)));
}

/** The same; empty where there is none. */
export const decimalOrNone = (value: number | undefined): string => (value === undefined || Number.isNaN(value) ? '' : decimal(value));
