/**
 * Runs one program in this process's group and ends the group when the process that asked for it goes, however it goes.
 * Arguments: a folder to remove afterwards, the program, its arguments. Started `detached` and with an IPC channel.
 */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

const [scratch, program, ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: 'inherit' });

const tidy = () => rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
child.once('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
child.once('exit', (code) => {
  tidy();
  process.exit(code ?? 1);
});

let ending = false;
function end() {
  if (ending) return;
  ending = true;
  process.kill(-process.pid, 'SIGTERM');
  setTimeout(() => {
    tidy();
    process.kill(-process.pid, 'SIGKILL');
  }, 3000);
}
process.on('disconnect', end);
process.on('SIGTERM', end);
process.on('SIGINT', end);
process.on('SIGHUP', end);
