/** Which runs are kept: the latest ones, up to a number and a size. Pure. */

/** What is known of a kept run without reading its cells. */
export interface RunNote {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly model: string;
  /** Size, time and identity of the model's file as it was run. */
  readonly file: string;
  /** The file that the experiment stands in; null where it was made in a panel. */
  readonly source: string | null;
  /** Tells experiments apart. */
  readonly key: string;
  readonly title: string;
  readonly result: string;
  /** Of what the experiment expects. */
  readonly passed: number;
  readonly expected: number;
  readonly complete: boolean;
  /** Of the file with the cells. */
  readonly bytes: number;
}

export const MOST_RUNS = 50;
export const MOST_BYTES = 32 << 20;

export interface Kept {
  readonly notes: readonly RunNote[];
  /** No longer kept; their files go. */
  readonly gone: readonly RunNote[];
}

/** The latest first. A run that alone is larger than all may be is not kept. */
export function withRun(notes: readonly RunNote[], added: RunNote, most = { runs: MOST_RUNS, bytes: MOST_BYTES }): Kept {
  if (added.bytes > most.bytes) return { notes, gone: [added] };
  let bytes = 0;
  const kept = [added, ...notes.filter(({ id }) => id !== added.id)].filter((note, index) => index < most.runs && (bytes += note.bytes) <= most.bytes);
  return { notes: kept, gone: notes.filter((note) => note.id !== added.id && !kept.includes(note)) };
}
