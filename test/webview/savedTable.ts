/** What was saved of a table: its drawing read back, and its picture kept beside the screenshots. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './steps.ts';

/** Texts of a drawn table, line by line: those at one height, without the note at its foot. */
export function linesOf(svg: string): readonly (readonly string[])[] {
  const lines = new Map<string, string[]>();
  for (const [, y = '', text = ''] of svg.matchAll(/<text x="[\d.]+" y="(\d+)"(?: text-anchor="end")?(?: opacity="0.8")?>([^<]*)<\/text>/g)) lines.set(y, [...lines.get(y) ?? [], text]);
  return [...lines.values()].slice(0, -1);
}

/** Of what was saved as PNG: its bytes in base64. */
export function keepPicture(name: string, saved: string): void {
  const bytes = Buffer.from(saved, 'base64');
  assert.deepEqual([...bytes.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47], 'it is a PNG');
  const folder = join(root, 'out/screenshots');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `webview-${name}-saved.png`), bytes);
}
