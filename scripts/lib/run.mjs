import { spawn } from 'node:child_process';
import { Plain } from './steps.mjs';

/**
 * Runs a program to its end, without a shell and without input, and returns what it printed.
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, shell?: boolean, allowFailure?: boolean }} [options]
 * @returns {Promise<{ code: number | null, output: string }>} throws `Plain` with the last lines of the output when it fails
 */
export function run(program, args, { allowFailure = false, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.once('error', (error) => reject(new Plain(`${program} could not be started: ${error.message}`)));
    child.once('close', (code, signal) => {
      if (code === 0 || allowFailure) return resolve({ code, output });
      const tail = output.trimEnd().split('\n').slice(-25).join('\n  ');
      reject(new Plain(`'${[program, ...args].join(' ')}' ended with ${signal ?? `code ${code}`}:\n  ${tail}`));
    });
  });
}

/** Runs npm: the one this script was started by, else the one on the PATH. Packages' install scripts never run. */
export function npm(args, options = {}) {
  const all = [...args, '--ignore-scripts', '--no-fund', '--no-audit', '--loglevel=error'];
  const { npm_execpath: script, npm_node_execpath: node } = process.env;
  if (script?.endsWith('.js') && node !== undefined) return run(node, [script, ...all], options);
  return run('npm', all, { ...options, shell: process.platform === 'win32' });
}
