/** What a person is told about an engine that ended by itself. Pure. */
import type { EngineExit } from '../../client/engineProcess.ts';
import type { ErrorData } from '../../shared/errors.ts';
import { methodFacts } from './methods.ts';
import type { EngineMethod } from './methods.ts';

interface Cause {
  readonly fits: (how: string, output: string) => boolean;
  /** `during` is " while it ran the prompt", or empty. */
  readonly what: (during: string, how: string) => string;
  readonly todo: string;
}

const memory = 'Close other programs, or use a shorter prompt or a smaller model';

const causes: readonly Cause[] = [
  {
    fits: (how) => how === 'SIGBUS',
    what: () => 'The model file was truncated while it was used',
    todo: 'Export or copy it again, then reload the model',
  },
  {
    fits: (_, output) => /heap out of memory|bad_alloc/.test(output),
    what: (during) => `The engine ran out of memory${during}`,
    todo: memory,
  },
  {
    fits: (how) => how === 'SIGKILL',
    what: (during) => `The system ended the engine${during}, most likely because memory ran out`,
    todo: memory,
  },
  {
    fits: (how) => how === 'SIGILL',
    what: () => 'ONNX Runtime needs a newer processor than this one',
    todo: 'Open the model on another machine',
  },
  {
    fits: (how) => how === 'SIGSEGV' || how === 'SIGABRT',
    what: (during, how) => `ONNX Runtime crashed${during} (${how})`,
    todo: 'Read the log for its last words, or export the model again',
  },
  {
    fits: (how) => how === 'SIGTERM' || how === 'SIGINT' || how === 'SIGHUP',
    what: (during, how) => `The engine was ended from outside${during} (${how})`,
    todo: 'Restart the engine',
  },
];

const unknown: Cause = {
  fits: () => true,
  what: (during, how) => `The engine ended unexpectedly${during} (${how})`,
  todo: 'Read the log for its last words',
};

/** `output` is the end of what the engine wrote to its standard streams. */
export function obituary(exit: Pick<EngineExit, 'code' | 'signal'>, doing: EngineMethod | null, output: string): ErrorData {
  const how = exit.signal ?? (exit.code === null ? 'it could not be started' : `exit code ${exit.code}`);
  const cause = causes.find((candidate) => candidate.fits(how, output)) ?? unknown;
  const during = doing === null ? '' : ` while it ${methodFacts[doing].past}`;
  return { code: 'engine-died', what: cause.what(during, how), todo: cause.todo, where: '', detail: output.trim() };
}
