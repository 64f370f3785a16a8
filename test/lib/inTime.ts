/** Waiting for what comes a frame, a message or an answer after what brought it about. */

/** How long anything may take that takes a moment on a machine with nothing else to do, and the time between two looks, ms. */
const [PATIENCE, PACE] = [20_000, 20];

/** Makes a check, which asserts, until it holds; where it never does, fails as it did last. */
export async function inTime<T>(check: () => T | Promise<T>): Promise<T> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    try {
      return await check();
    } catch (thrown) {
      if (Date.now() > end) throw thrown;
    }
    await new Promise((resolve) => setTimeout(resolve, PACE));
  }
}
