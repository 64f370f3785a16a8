/** The help, made from the tables that the arguments are read by. */
import type { OptionSpec } from './args.ts';
import type { Command } from './command.ts';
import { table, wrap } from './print/layout.ts';

export function helpOverview(commands: readonly Command[]): string {
  return [
    'cogscope COMMAND …: how an ONNX model computes its answer',
    '',
    ...table(commands.map((command) => [`${command.name} ${command.subject ?? 'MODEL'}`, command.about]), { indent: 2 }),
    '',
    ...wrap('"cogscope COMMAND --help" tells the options of a command, "cogscope --version" the version. Results go to stdout, progress and errors to stderr.'),
    '',
    'Exit codes',
    ...table([
      ['0', 'fine'], ['1', 'a check or an expectation did not hold'], ['2', 'wrong use'], ['3', 'the model or an input cannot be read'],
      ['4', 'understood and refused, with the reason'], ['5', 'the engine died'], ['130', 'interrupted'],
    ], { indent: 2 }),
    '',
  ].join('\n');
}

export function helpFor(command: Command): string {
  const options = command.options.filter((option) => !option.hidden);
  return [
    `cogscope ${command.name} ${command.usage}`,
    '',
    ...wrap(`${command.about}.`),
    '',
    'Options',
    ...options.flatMap((option) => [`  ${optionUsage(option)}`, ...wrap(option.about, 6)]),
    ...command.notes.flatMap((note) => ['', ...wrap(note)]),
    '',
  ].join('\n');
}

function optionUsage({ name, value, many }: OptionSpec): string {
  const shape = value === null ? `--${name}` : `--${name} ${value}`;
  return many === 'list' ? `${shape} …` : many === 'again' ? `${shape} (may be repeated)` : shape;
}
