/** A folder that is gone when the test file has run. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

export class Scratch {
  readonly folder = mkdtempSync(join(tmpdir(), 'cogscope-test-'));

  constructor() {
    after(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Writes a file; its path. */
  write(name: string, content: Uint8Array | string): string {
    const path = this.path(name);
    writeFileSync(path, content);
    return path;
  }
}
