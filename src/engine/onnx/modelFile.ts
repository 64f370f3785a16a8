/** A file read by position: whatever its size, only the bytes that are asked for are read. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { CogscopeError } from '../../shared/errors.ts';
import { assertUnchanged, fingerprint } from './fingerprint.ts';
import type { Fingerprint } from './fingerprint.ts';

/** Bytes at positions; files and, in tests, memory. */
export interface ByteSource {
  readonly size: number;
  /** Exactly `length` bytes from `offset`; the result is the caller's. Throws 'unreadable' past the end. */
  read(offset: number, length: number): Uint8Array;
}

export class ModelFile implements ByteSource {
  readonly path: string;
  readonly fingerprint: Fingerprint;
  private readonly descriptor: number;
  private isOpen = true;

  private constructor(path: string, descriptor: number, fingerprint: Fingerprint) {
    this.path = path;
    this.descriptor = descriptor;
    this.fingerprint = fingerprint;
  }

  /** Throws 'unreadable' where there is no such file or it may not be read. */
  static open(path: string): ModelFile {
    let descriptor: number;
    try {
      descriptor = openSync(path, 'r');
    } catch (error) {
      throw new CogscopeError('unreadable', 'The file cannot be opened', openAdvice(error), path, String(error));
    }
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) {
      closeSync(descriptor);
      throw new CogscopeError('unreadable', 'This is not a file', 'Choose an .onnx file', path);
    }
    return new ModelFile(path, descriptor, fingerprint(path, stat));
  }

  get size(): number {
    return this.fingerprint.size;
  }

  read(offset: number, length: number): Uint8Array {
    this.assertOpen();
    if (offset < 0 || length < 0 || offset + length > this.size) throw new CogscopeError('unreadable', 'The file ends too early', 'Export or copy it again', this.path);
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const got = readSync(this.descriptor, bytes, done, length - done, offset + done);
      if (got === 0) throw new CogscopeError('changed', 'The file became shorter while it was read', 'Reload the model', this.path);
      done += got;
    }
    return bytes;
  }

  /** Throws 'changed' where the path no longer leads to what was opened. */
  assertUnchanged(): void {
    this.assertOpen();
    assertUnchanged(this.fingerprint);
  }

  /** A run that is under way when another model takes this one's place ends here. */
  private assertOpen(): void {
    if (!this.isOpen) throw new CogscopeError('cancelled', 'The model was closed', 'Open it again', this.path);
  }

  close(): void {
    if (this.isOpen) closeSync(this.descriptor);
    this.isOpen = false;
  }
}

function openAdvice(error: unknown): string {
  const code = (error as { readonly code?: unknown }).code;
  if (code === 'ENOENT') return 'Check the path';
  if (code === 'EACCES' || code === 'EPERM') return 'Give yourself the right to read it';
  return 'Check that the disk is there';
}
