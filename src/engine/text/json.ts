/** What came out of a file, before it is known to be anything. */
export type Json = Readonly<Record<string, unknown>>;

export const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as readonly unknown[]) : []);

export const parts = (value: unknown): readonly Json[] => list(value).filter(isJson);

/** The row of a table that a file names; not what every object has by the name `constructor`. */
export const rowOf = <T>(rows: Readonly<Record<string, T>>, name: string): T | undefined => (Object.hasOwn(rows, name) ? rows[name] : undefined);

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
