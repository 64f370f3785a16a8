/** Process groups that this script started and that must not outlive it. */
const groups = new Set();

/** Sends a signal to a child that was spawned `detached` and to everything that it started. */
export function endGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}

/** Registers a child that was spawned `detached`: its group ends when this script does. @template T @param {T} child @returns {T} */
export function ownGroup(child) {
  groups.add(child);
  return child;
}

const endAll = (signal) => groups.forEach((child) => endGroup(child, signal));

process.once('exit', () => endAll('SIGKILL'));
for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) {
  process.once(signal, () => {
    endAll('SIGTERM');
    setTimeout(() => process.exit(code), groups.size === 0 ? 0 : 1500);
  });
}
