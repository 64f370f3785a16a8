/** From the words of a command line to its exit code. */
import { readFileSync } from 'node:fs';
import { CogscopeError, sentence } from '../shared/errors.ts';
import type { ErrorData } from '../shared/errors.ts';
import { parseArguments } from './args.ts';
import type { Command } from './command.ts';
import { commands } from './commands/table.ts';
import { exitCodes, OK } from './exits.ts';
import { helpFor, helpOverview } from './help.ts';
import type { Interrupts } from './interrupts.ts';
import { nearest } from '../shared/nearest.ts';
import { Progress } from './progress.ts';
import type { Terminal } from './terminal.ts';

export async function runCli(words: readonly string[], terminal: Terminal, interrupts: Interrupts): Promise<number> {
  const asJson = words.includes('--json');
  try {
    return await dispatch(words, terminal, interrupts, asJson);
  } catch (error) {
    const data = describe(error);
    if (asJson) terminal.out(`${JSON.stringify({ error: errorJson(data) })}\n`);
    return report(data, terminal);
  }
}

async function dispatch(words: readonly string[], terminal: Terminal, interrupts: Interrupts, asJson: boolean): Promise<number> {
  const [name = '', ...rest] = words;
  if (['--help', '-h'].includes(name)) return print(helpOverview(commands), terminal);
  if (['--version', '-V'].includes(name)) return print(version(), terminal);
  const command = find(name);
  const args = parseArguments(rest, command.options);
  if (args.has('help')) return print(helpFor(command), terminal);
  if (args.has('version')) return print(version(), terminal);
  const progress = new Progress(terminal, args.has('quiet'));
  try {
    const { text, json, exit, error } = await command.run(args, { progress, interrupts });
    progress.end();
    terminal.out(asJson ? `${JSON.stringify(error ? { ...json, error: errorJson(error) } : json)}\n` : text());
    return error ? report(error, terminal) : exit;
  } finally {
    progress.end();
  }
}

function find(name: string): Command {
  const command = commands.find((one) => one.name === name);
  if (command) return command;
  const advice = 'See cogscope --help for the commands';
  if (name === '') throw new CogscopeError('usage', 'No command is given', advice);
  if (name.startsWith('-')) throw new CogscopeError('usage', `"${name}" stands where the command belongs`, `Write the command first. ${advice}`);
  const close = nearest(name, commands.map((one) => one.name));
  throw new CogscopeError('usage', `There is no command "${name}"`, close === undefined ? advice : `Did you mean "${close}"? ${advice}`);
}

function print(text: string, terminal: Terminal): number {
  terminal.out(text);
  return OK;
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string };
  return `cogscope ${manifest.version}\n`;
}

/** A defect of ours has its stack in the details, which only the JSON shows. */
function describe(error: unknown): ErrorData {
  const data = CogscopeError.describe(error);
  return data.code === 'internal' ? { ...data, todo: 'Report it with what --json says' } : data;
}

/** One line, whatever the words hold. */
function report(data: ErrorData, terminal: Terminal): number {
  terminal.err(`cogscope: ${sentence(data).replace(/\s*\n\s*/g, ' ')}\n`);
  return exitCodes[data.code];
}

const errorJson = (data: ErrorData): { readonly code: string; readonly message: string; readonly detail: string } =>
  ({ code: data.code, message: sentence(data), detail: data.detail });
