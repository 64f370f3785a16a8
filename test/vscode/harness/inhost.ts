import { appendFileSync } from 'node:fs';

/**
 * Tests that run inside the extension host. node:test reports through a process that starts and ends with its tests, and the
 * extension host is neither ours to start nor to end; so these few words do the same and write a line of JSON per test.
 */

type Work = () => void | Promise<void>;

interface Test {
  readonly name: string;
  readonly file: string;
  readonly at: string;
  readonly work: Work;
  readonly timeout: number;
  readonly group: Group;
}

interface Group {
  readonly name: string;
  readonly parent: Group | undefined;
  readonly beforeEach: Work[];
  readonly afterEach: Work[];
  readonly after: Work[];
}

const newGroup = (name: string, parent: Group | undefined): Group => ({ name, parent, beforeEach: [], afterEach: [], after: [] });

const top = newGroup('', undefined);
const tests: Test[] = [];
let group = top;
let file = '';

/** Says which file the tests that follow stand in; the generated entry calls it. */
export function inFile(name: string): void {
  file = name;
}

export function suite(name: string, define: () => void): void {
  const outer = group;
  group = newGroup(name, outer);
  define();
  group = outer;
}

/** `timeout` in ms. */
export function test(name: string, work: Work, { timeout = 30_000 }: { readonly timeout?: number } = {}): void {
  tests.push({ name, file, at: callSite(), work, timeout, group });
}

/** Runs before each test of the suite and of the suites inside it. */
export const beforeEach = (work: Work): number => group.beforeEach.push(work);
/** Runs after each test of the suite and of the suites inside it, whatever came of the test. */
export const afterEach = (work: Work): number => group.afterEach.push(work);
/** Runs once, after the last test of the suite. */
export const after = (work: Work): number => group.after.push(work);

/** Where `test` was called, as a place in the bundle: the frame below this one and `test` itself. */
const callSite = (): string => new Error().stack?.split('\n')[3] ?? '';

const path = (of: Group): readonly Group[] => (of.parent === undefined ? [of] : [...path(of.parent), of]);

async function within(timeout: number, work: Work): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The test was still running after ${timeout / 1000} s.`)), timeout);
  });
  try {
    await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function runOne(one: Test): Promise<unknown> {
  const groups = path(one.group);
  let error: unknown;
  const attempt = async (work: Work): Promise<void> => {
    try {
      await within(one.timeout, work);
    } catch (thrown) {
      error ??= thrown ?? new Error('The test threw nothing at all.');
    }
  };
  for (const work of groups.flatMap((each) => each.beforeEach)) await attempt(work);
  if (error === undefined) await attempt(one.work);
  for (const work of groups.toReversed().flatMap((each) => each.afterEach)) await attempt(work);
  const remaining = tests.slice(tests.indexOf(one) + 1);
  const over = groups.filter((each) => !remaining.some((later) => path(later.group).includes(each)));
  for (const work of over.toReversed().flatMap((each) => each.after)) await attempt(work);
  return error;
}

const describe = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

/** Runs what was registered, one after the other. Rejects when any failed, so that the editor's exit code says so too. */
export async function runAll(results: string, filter: RegExp): Promise<void> {
  let failed = 0;
  for (const one of tests) {
    const name = [...path(one.group).map((each) => each.name), one.name].filter(Boolean).join(' › ');
    if (!filter.test(name)) continue;
    const error = await runOne(one);
    if (error !== undefined) failed++;
    const verdict = error === undefined ? 'passed' : 'failed';
    appendFileSync(results, `${JSON.stringify({ verdict, name, file: one.file, at: one.at, error: error === undefined ? undefined : describe(error) })}\n`);
  }
  appendFileSync(results, '{"end":true}\n');
  if (failed > 0) throw new Error(`${failed} failed`);
}
