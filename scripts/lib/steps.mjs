const NAME_WIDTH = 10;
const TEXT_WIDTH = 58;

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`.padStart(8);

/** A failure that is already a plain sentence for a person; no stack is shown. */
export class Plain extends Error {}

/**
 * Runs one step of a script and prints one line: its name, what it did, how long it took.
 * @param {string} name what the step is about, up to 10 characters
 * @param {string} doing what is shown while it runs, up to 58 characters
 * @param {(done: (text: string) => void) => T | Promise<T>} work may call `done` to say what was done instead of `doing`
 * @returns {Promise<T>} @template T
 */
export async function step(name, doing, work) {
  const start = performance.now();
  const head = `  ${name.padEnd(NAME_WIDTH)} `;
  const live = process.stdout.isTTY;
  if (live) process.stdout.write(`${head}${doing.padEnd(TEXT_WIDTH)}`);
  let text = doing;
  let ending = '  failed';
  try {
    const result = await work((done) => (text = done));
    ending = seconds(performance.now() - start);
    return result;
  } finally {
    process.stdout.write(`${live ? '\r\x1b[2K' : ''}${head}${text.padEnd(TEXT_WIDTH)} ${ending}\n`);
  }
}

/** Runs a script: a `Plain` error becomes one line on stderr and exit code 1, any other shows its stack. */
export async function main(script) {
  try {
    await script();
  } catch (error) {
    console.error(error instanceof Plain ? `\ncogscope: ${error.message}` : error);
    process.exitCode = 1;
  }
}
