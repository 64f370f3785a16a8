/** What a command is, and what it is given. */
import type { EngineProcess } from '../client/engineProcess.ts';
import { CogscopeError } from '../shared/errors.ts';
import type { ErrorData } from '../shared/errors.ts';
import type { ModelSummary } from '../shared/summary.ts';
import { resolve } from 'node:path';
import type { Arguments, OptionSpec } from './args.ts';
import type { Interrupts } from './interrupts.ts';
import type { Progress } from './progress.ts';
import { withEngine } from './withEngine.ts';

export interface Context {
  readonly progress: Progress;
  readonly interrupts: Interrupts;
}

/** What a command found, for people and for programs. */
export interface Outcome {
  readonly text: () => string;
  readonly json: Readonly<Record<string, unknown>>;
  /** Exit code; an error decides it where there is one. */
  readonly exit: number;
  /** What went wrong beside a result that is still worth showing. */
  readonly error?: ErrorData | undefined;
}

export interface Command {
  readonly name: string;
  /** Behind the name, in the list of commands; MODEL unless given. */
  readonly subject?: string;
  /** Behind the name, in the help. */
  readonly usage: string;
  readonly about: string;
  /** Paragraphs below the options. */
  readonly notes: readonly string[];
  readonly options: readonly OptionSpec[];
  readonly run: (args: Arguments, context: Context) => Promise<Outcome>;
}

/** The one model that a command is about. Throws 'usage' where there is none, or more. */
function modelPath(args: Arguments): string {
  const [path, extra] = args.positionals;
  if (path === undefined) throw new CogscopeError('usage', 'No model is named', 'Give the path of an .onnx file');
  if (extra !== undefined) throw new CogscopeError('usage', `"${extra}" is one word too many`, 'Name one model, and put words with spaces in quotes');
  return resolve(path);
}

/** Opens the model that the command names in an engine of its own for as long as `work` takes. */
export async function withModel<T>(args: Arguments, context: Context, work: (engine: EngineProcess, summary: ModelSummary) => Promise<T>): Promise<T> {
  return withModelAt(modelPath(args), args, context, work);
}

/** The same for a model that is named elsewhere. */
export async function withModelAt<T>(path: string, args: Arguments, { interrupts, progress }: Context, work: (engine: EngineProcess, summary: ModelSummary) => Promise<T>): Promise<T> {
  const tokenizer = args.one('tokenizer');
  const threads = args.whole('threads', 1, 256) ?? 0;
  return withEngine(threads, interrupts, async (engine) => {
    progress.show('Reading the model');
    const summary = await engine.call('open', { path, tokenizer: tokenizer === undefined ? null : resolve(tokenizer) }, { signal: interrupts.signal });
    return work(engine, summary);
  });
}
