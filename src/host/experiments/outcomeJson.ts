/** A result as JSON that keeps every bit: numbers by cell stand in it as bytes. Pure. */
import type { ExperimentOutcome } from '../../shared/experiment/result.ts';

type Kept = Omit<ExperimentOutcome, 'metrics' | 'unchanged'> & { readonly metrics: string; readonly unchanged: string };

const toText = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

export function outcomeToJson({ metrics, unchanged, ...rest }: ExperimentOutcome): unknown {
  return { ...rest, metrics: toText(new Uint8Array(metrics.buffer, metrics.byteOffset, metrics.byteLength)), unchanged: toText(unchanged) } satisfies Kept;
}

/** Undefined where it is none: it was written by another version, or cut short. */
export function outcomeFromJson(json: unknown): ExperimentOutcome | undefined {
  const kept = json as Partial<Kept> | null | undefined;
  if (!kept || typeof kept.metrics !== 'string' || typeof kept.unchanged !== 'string' || !kept.frame) return undefined;
  const { frame } = kept;
  if (!Array.isArray(frame.addresses) || !Array.isArray(frame.pairs) || !Array.isArray(frame.grids)) return undefined;
  const metrics = Uint8Array.from(Buffer.from(kept.metrics, 'base64'));
  const unchanged = Uint8Array.from(Buffer.from(kept.unchanged, 'base64'));
  const count = frame.addresses.length * frame.pairs.length;
  if (metrics.byteLength !== 8 * count || unchanged.byteLength !== count) return undefined;
  return { frame, metrics: new Float64Array(metrics.buffer), unchanged, passes: kept.passes ?? 0, ms: kept.ms ?? 0 };
}
