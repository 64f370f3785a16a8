/** A run's life: asked for, layer after layer, and its end. What came before a cancel or a failure stays. */
import type { ErrorData } from '../../../src/shared/errors.ts';
import type { RunProgress } from '../../../src/shared/protocol/engineApi.ts';
import { layerKey, placeOf } from './heads.ts';
import type { Reduce, RunAction } from './actions.ts';
import { showAverage } from './reduceAverage.ts';
import { askAgain } from './reduceCompare.ts';
import { isRunning } from './read.ts';
import { showWanted } from './reduceHost.ts';
import type { Run, State } from './state.ts';

export const reduceRun: Reduce<RunAction> = (state, action) => {
  const { run } = state;
  switch (action.kind) {
    case 'asked':
      if (state.compare?.compared) return reduceRun(askAgain(state), action);
      if (state.average?.shown === 'mean') return reduceRun(showAverage(state, 'prompt'), action);
      return {
        ...state, compare: state.compare && { ...state.compare, asked: state.compare.text.trim() !== '', error: null }, run: nextRun(run, action), failure: null, rerun: 'no', said: '', missing: null,
        position: run && run.key !== action.key ? null : state.position,
      };
    case 'early':
      return { ...state, rerun: 'armed' };
    case 'masked':
      return run?.serial === action.serial ? { ...state, run: { ...run, mask: action.mask } } : state;
    case 'progress':
      return run?.serial === action.serial && isRunning(run) ? showWanted(afterProgress(state, run, action.progress, action.ms)) : state;
    case 'ended': {
      if (run?.serial !== action.serial) return state;
      const { result } = action;
      return showWanted({
        ...state,
        run: { ...run, phase: 'done', id: result.run, tokens: result.tokens, towers: result.towers, filled: result.filled, nan: result.nan, predicted: result.predictions?.top[0], ms: result.ms.run, stage: run.stages },
        predictions: { serial: run.serial, value: result.predictions },
      });
    }
    case 'failed':
      return run?.serial === action.serial ? afterFailure(state, run, action.error) : state;
    case 'cancelled':
      return run && isRunning(run) ? { ...state, run: { ...run, phase: 'cancelled' } } : state;
    case 'predicted':
      return run?.serial === action.serial ? { ...state, predictions: { serial: action.serial, value: action.value } } : state;
    default:
      return action satisfies never;
  }
};

/** The picture of the run before stays until the tokens of the new one are known: they decide what a cell means. */
function nextRun(before: Run | null, { serial, key }: Extract<RunAction, { kind: 'asked' }>): Run {
  return {
    serial, key, mask: before?.mask, id: null, phase: 'starting', tokens: before?.tokens ?? [], towers: before?.towers ?? {}, filled: before?.filled ?? [], refused: before?.refused ?? [],
    stages: 0, stage: 0, ms: 0, layers: before?.layers ?? new Map(), nan: [],
  };
}

function afterProgress(state: State, run: Run, progress: RunProgress, ms: number): State {
  switch (progress.kind) {
    case 'started':
      return {
        ...state, predictions: null, problem: null,
        run: { ...run, id: progress.run, phase: 'running', tokens: progress.tokens, towers: progress.towers, filled: progress.filled, refused: progress.refused ?? [], stages: progress.stages, layers: new Map(), ms },
      };
    case 'stage':
      return {
        ...state,
        run: { ...run, stage: progress.stage, stages: progress.stages, layers: new Map([...run.layers, ...progress.layers.map((layer) => [layerKey(placeOf(layer)), layer] as const)]), ms },
      };
    default:
      return progress satisfies never;
  }
}

function afterFailure(state: State, run: Run, error: ErrorData): State {
  const failed: State = { ...state, run: { ...run, phase: 'failed' } };
  switch (error.code) {
    case 'cancelled':
      return { ...state, run: { ...run, phase: 'cancelled' } };
    case 'engine-died':
      return { ...failed, rerun: state.rerun === 'armed' ? 'armed' : 'lost' };
    case 'usage':
      return { ...failed, problem: error };
    case 'unreadable':
    case 'refused':
    case 'changed':
    case 'untrusted':
    case 'internal':
      return { ...failed, failure: error };
    default:
      return error.code satisfies never;
  }
}
