/** A set of prompts, and whether its mean or the prompt's own run is shown. */
import type { AverageAction, Reduce } from './actions.ts';
import { emptySet, withLayers } from './average.ts';
import type { AverageSet } from './average.ts';
import { isRunning } from './read.ts';
import { showRun } from './reduceCompare.ts';
import { showWanted } from './reduceHost.ts';
import type { Run, State } from './state.ts';

export const reduceAverage: Reduce<AverageAction> = (state, action) => {
  const { average, run } = state;
  switch (action.kind) {
    case 'average':
      // Two prompts, or many.
      if (action.on) return average ? state : { ...showRun(state, 'first'), compare: null, average: emptySet, said: '' };
      return average ? { ...showAverage(state, 'prompt'), average: null, said: '' } : state;
    case 'setTyped':
      return average ? { ...state, average: { ...average, ...action.change, error: null } } : state;
    case 'averageAsked': {
      if (!average) return state;
      const before = showAverage(state, 'mean');
      return { ...before, run: startedRun(before.run ?? before.average?.aside.run ?? null, action.serial), predictions: null, said: '', average: { ...(before.average ?? average), asked: false, error: null } };
    }
    case 'averageCame': {
      if (run?.serial !== action.serial || !isRunning(run)) return state;
      const { progress, ms } = action;
      switch (progress.kind) {
        case 'started': {
          const { frame } = progress;
          return {
            ...state, position: null,
            run: {
              ...run, ms, phase: 'running', id: frame.run, tokens: frame.tokens, towers: frame.towers, refused: frame.refused ?? [], stages: frame.of, stage: 0, layers: new Map(),
              mean: { prompts: 0, of: frame.of, set: action.set, leftOut: frame.leftOut, spreads: new Map() },
            },
          };
        }
        case 'prompt':
          return { ...state, run: { ...run, ms, stage: progress.done, stages: progress.of } };
        case 'layer':
          return run.mean ? showWanted({ ...state, run: { ...withLayers(run, run.mean, progress.done, [progress.layer]), ms } }) : state;
        default:
          return progress satisfies never;
      }
    }
    case 'averageKept':
      return run?.serial === action.serial && run.mean ? { ...state, run: withLayers(run, run.mean, action.prompts, action.layers) } : state;
    case 'averaged':
      return run?.serial === action.serial ? { ...state, run: { ...run, phase: 'done', ms: action.ms } } : state;
    case 'averageFailed':
      return average ? { ...state, average: { ...average, asked: false, error: action.error.code === 'cancelled' ? null : action.error }, run: run?.serial === action.serial ? failedRun(run, action.error.code === 'cancelled') : run } : state;
    case 'averageShown':
      return action.shown === 'mean' && !average?.aside.run ? state : showAverage(state, action.shown);
    default:
      return action satisfies never;
  }
};

/** Shows the mean or the prompt's run; a mean that is being made is not gone on with behind the other's back. */
export function showAverage(state: State, shown: AverageSet['shown']): State {
  const { average, run, predictions } = state;
  if (!average || average.shown === shown) return state;
  const aside = { run: run && isRunning(run) ? { ...run, phase: 'cancelled' as const } : run, predictions };
  return { ...state, ...average.aside, average: { ...average, shown, aside }, position: null, said: '' };
}

/** The picture of before stays until the positions of the mean are known: they decide what a cell means. */
function startedRun(before: Run | null, serial: number): Run {
  const { tokens = [], towers = {}, filled = [], refused = [], layers = new Map<string, never>() } = before ?? {};
  return { serial, key: `mean ${serial}`, mask: undefined, id: null, phase: 'starting', tokens, towers, filled, refused, stages: 0, stage: 0, ms: 0, layers, nan: [] };
}

/** What came before a cancel or a failure stays. */
const failedRun = (run: Run, isCancelled: boolean): Run => ({ ...run, phase: isCancelled ? 'cancelled' : 'failed' });
