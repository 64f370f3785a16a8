import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './paths.mjs';

const TEXT_WIDTH = 69;

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`.padStart(8);
export const indent = (text, by) => text.replace(/^(?=.)/gm, by);

/** Paths from the repository's root instead of URLs and long paths. */
export const shorten = (text) => text.replaceAll(/file:\/\/[^\s):]+/g, (url) => fileURLToPath(url)).replaceAll(`${root}/`, '');

/** `  ✓ what ............ verdict   time`, the one line that a file or a check gets. */
export function line(ok, what, verdict, ms) {
  console.log(`  ${ok ? '✓' : '✗'} ${`${what} `.padEnd(TEXT_WIDTH - verdict.length)}${verdict} ${seconds(ms)}`);
}

/** A thrown value as text: message and the frames of our own code. */
export function describe(error) {
  const cause = error?.code === 'ERR_TEST_FAILURE' && error.cause !== undefined ? error.cause : error;
  const text = cause?.stack ?? cause?.message ?? String(cause);
  return shorten(text.split('\n').filter((frame) => !/^\s+at .*\(?node:/.test(frame)).join('\n').trimEnd());
}

/** Prints what failed, where, and why. `at` is where the test stands, if known. */
export function failure({ name, file, at, error }) {
  const where = relative(root, file) + (at === undefined ? '' : `:${at.line}:${at.column}`);
  console.log(`\n    ✗ ${name}\n      ${where}\n${indent(error, '      ')}`);
}
