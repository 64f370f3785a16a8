/** Frames of the one transport that both boundaries use: host ↔ engine (fork) and host ↔ webview (postMessage). */
import type { ErrorData } from '../errors.ts';

export type Frame =
  | { readonly kind: 'call'; readonly id: number; readonly method: string; readonly body: Packed }
  | { readonly kind: 'ok'; readonly id: number; readonly body: Packed }
  | { readonly kind: 'error'; readonly id: number; readonly error: ErrorData }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'progress'; readonly id: number; readonly body: Packed }
  | { readonly kind: 'event'; readonly method: string; readonly body: Packed };

/** A value with its typed arrays taken out into one buffer: many small arrays in one message are slow in VS Code. */
export interface Packed {
  readonly value: unknown;
  /** Where each array lies in `buffer`; referred to by index from `value` as {"$array": index}. */
  readonly table: readonly ArraySlot[];
  readonly buffer: ArrayBuffer | null;
}

export interface ArraySlot {
  readonly type: ArrayType;
  /** Bytes from the start of the buffer, a multiple of 8. */
  readonly offset: number;
  /** Elements. */
  readonly length: number;
}

export type ArrayType = 'f32' | 'f64' | 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32' | 'i64';

/** One end of a channel: what fork's IPC, postMessage and a test's pipe have in common. */
export interface Port {
  send(frame: Frame): void;
  /** Called for each frame that arrives; returns a function that stops listening. */
  onFrame(listener: (frame: unknown) => void): () => void;
  /** Called once when the other side has gone. */
  onClose(listener: (reason: string) => void): () => void;
}
