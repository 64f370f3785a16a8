/** The state after an action. Pure: nothing here calls, waits or draws. */
import type { Store } from '../../lib/store.ts';
import { draftOf, isEmpty, withoutTokenizer } from '../../lib/text/prompt.ts';
import { summaryOf } from './read.ts';
import type { Action, Cell, Extent, LensRun, State } from './state.ts';

export type PanelStore = Store<State, Action>;

export function reduce(state: State, action: Action): State {
  switch (action.kind) {
    case 'restored': {
      const { kept, prompt } = action;
      const before = kept.draft ?? state.draft;
      // What was typed before the host's word came is later than that.
      const draft = !isEmpty(state.draft) ? state.draft : prompt ? draftOf(prompt, before) : before;
      return {
        ...state, draft, measure: kept.measure ?? state.measure, grouping: kept.grouping ?? state.grouping, mid: kept.mid ?? state.mid,
        cell: kept.cell ?? null, armed: state.armed || (kept.ran === true && isEmpty(state.draft) && !isEmpty(draft)),
      };
    }
    case 'model':
      return withDefaultMode({ ...state, model: action.model, armed: state.armed || isLost(state, action) });
    case 'draft':
      return { ...state, draft: { ...state.draft, ...action.change }, problem: null, said: '' };
    case 'problem':
      return { ...state, problem: action.error };
    case 'armed':
      return { ...state, armed: true };
    case 'asked':
      return { ...state, armed: false, problem: null, failure: null, said: '', parts: null, columns: [], run: { serial: action.serial, phase: 'running', frame: null, rows: new Map(), added: new Map(), stage: 0, stages: 0, ms: 0 } };
    case 'progress': {
      const { run } = state;
      return run?.serial === action.serial && run.phase === 'running' ? afterProgress(state, { ...run, ms: action.ms }, action.progress) : state;
    }
    case 'ended': {
      const { lens } = action;
      if (state.run?.serial !== action.serial) return state;
      return withCell({ ...state, run: { ...state.run, phase: 'done', ms: lens.ms, frame: lens.frame, rows: new Map(lens.rows.map((row) => [row.state, row])), added: new Map(lens.added.map((one) => [one.layer, one])) } });
    }
    case 'failed': {
      const { run } = state;
      if (run?.serial !== action.serial) return state;
      const { error } = action;
      if (error.code === 'cancelled') return { ...state, run: { ...run, phase: 'cancelled' } };
      return { ...state, run: { ...run, phase: 'failed' }, ...(error.code === 'usage' ? { problem: error } : { failure: error }) };
    }
    case 'partsAsked':
      return { ...state, parts: { serial: action.serial, positions: action.positions, phase: 'running', done: 0, of: 0, value: state.parts?.value ?? null, error: null } };
    case 'partsProgress':
      return state.parts?.serial === action.serial ? { ...state, parts: { ...state.parts, done: action.progress.done, of: action.progress.of } } : state;
    case 'partsCame':
      return state.parts?.serial === action.serial ? { ...state, parts: { ...state.parts, phase: 'done', value: action.value } } : state;
    case 'partsFailed':
      return state.parts?.serial === action.serial ? { ...state, parts: { ...state.parts, phase: 'failed', value: null, error: action.error } } : state;
    case 'select':
      return select({ ...withCell({ ...state, cell: action.cell, said: '' }), anchor: state.anchor }, action.to ?? 'one');
    case 'measure':
      return { ...state, measure: action.measure };
    case 'grouping':
      return { ...state, grouping: action.grouping };
    case 'mid':
      return { ...state, mid: action.on };
    case 'help':
      return { ...state, help: action.on };
    case 'said':
      return { ...state, said: action.text };
    default:
      return action satisfies never;
  }
}

function withDefaultMode(state: State): State {
  const summary = summaryOf(state);
  return summary && 'missing' in summary.tokenizer ? { ...state, draft: withoutTokenizer(state.draft) } : state;
}

/** A run that was under way is lost with its engine. */
function isLost({ run, model }: State, action: Extract<Action, { kind: 'model' }>): boolean {
  const { kind } = action.model.engine;
  return (run?.phase === 'running' && (kind === 'restarting' || kind === 'failed')) || (run !== null && model?.changed === true && !action.model.changed);
}

function afterProgress(state: State, run: LensRun, progress: Extract<Action, { kind: 'progress' }>['progress']): State {
  switch (progress.kind) {
    case 'started':
      return withCell({ ...state, run: { ...run, frame: progress.frame } });
    case 'stage':
      return { ...state, run: { ...run, stage: progress.stage, stages: progress.stages } };
    case 'added':
      return { ...state, run: { ...run, added: new Map(run.added).set(progress.added.layer, progress.added) } };
    case 'row':
      return { ...state, run: { ...run, rows: new Map(run.rows).set(progress.row.state, progress.row) } };
    default:
      return progress satisfies never;
  }
}

/** The columns after a cell has been chosen. */
function select(state: State, to: Extent): State {
  const { cell, anchor } = state;
  if (!cell) return state;
  switch (to) {
    case 'one':
      return { ...state, columns: [], anchor: cell.column };
    case 'stretch': {
      const [first, last] = [Math.min(anchor, cell.column), Math.max(anchor, cell.column)];
      return { ...state, columns: Array.from({ length: last - first + 1 }, (_, at) => first + at) };
    }
    case 'other': {
      const before = state.columns.length > 0 ? state.columns : [anchor];
      const columns = before.includes(cell.column) ? before.filter((column) => column !== cell.column) : [...before, cell.column].sort((a, b) => a - b);
      return { ...state, columns, anchor: cell.column };
    }
    default:
      return to satisfies never;
  }
}

/** The cell within the frame; without one, the last state at the last position: what the model says. */
function withCell(state: State): State {
  const frame = state.run?.frame;
  if (!frame) return state;
  const last: Cell = { state: frame.states.length - 1, column: frame.positions.length - 1 };
  const bound = (at: number, most: number): number => Math.min(Math.max(at, 0), Math.max(most, 0));
  const cell = state.cell ? { state: bound(state.cell.state, last.state), column: bound(state.cell.column, last.column) } : last;
  return { ...state, cell, anchor: state.columns.length > 0 ? state.anchor : cell.column };
}
