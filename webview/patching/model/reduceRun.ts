/** A sweep's life: asked for, cell after cell, and its end. What came before a cancel or a failure stays. */
import { noCells } from '../../../src/shared/experiment/result.ts';
import type { Reduce, RunAction } from './actions.ts';
import { isRunning } from './read.ts';
import type { Run, State } from './state.ts';
import { afterSteps, filled } from './values.ts';

export const reduceRun: Reduce<RunAction> = (state, action) => {
  const { run } = state;
  switch (action.kind) {
    case 'wanted':
      return { ...state, wanted: true, early: action.early };
    case 'asked':
      return { ...state, run: nextRun(run, action), failure: null, early: null, said: '', cell: action.resume ? state.cell : null, inspecting: action.resume && state.inspecting, inspectedPair: 0 };
    case 'progress':
      return run?.serial === action.serial && isRunning(run) ? { ...state, run: afterSteps(run, action.steps, action.ms) } : state;
    case 'ended': {
      if (run?.serial !== action.serial) return state;
      const { frame, metrics, unchanged, passes, ms } = action.outcome;
      return { ...state, run: { ...run, ...filled(frame, { metrics, unchanged }), phase: 'done', passes, ms } };
    }
    case 'failed':
      return run?.serial === action.serial ? afterFailure(state, run, action) : state;
    case 'cancelled':
      return run && isRunning(run) ? { ...state, run: { ...run, phase: 'cancelled', step: '' } } : state;
    default:
      return action satisfies never;
  }
};

/** The picture of the run before stays until the frame of the new one is known: it decides what a cell means. */
function nextRun(before: Run | null, { serial, experiment }: Extract<RunAction, { kind: 'asked' }>): Run {
  return {
    ...(before ?? { frame: null, values: noCells(0), cells: [] }),
    serial, experiment, phase: 'starting', step: '', done: 0, of: 0, first: null, ms: 0, passes: 0,
  };
}

function afterFailure(state: State, run: Run, { error }: Extract<RunAction, { kind: 'failed' }>): State {
  if (error.code === 'cancelled') return { ...state, run: { ...run, phase: 'cancelled', step: '' } };
  return { ...state, failure: error, run: { ...run, phase: 'failed', step: '' } };
}
