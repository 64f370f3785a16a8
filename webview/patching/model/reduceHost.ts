/** What the host tells: the model, its engine, an experiment to show; and what was kept of an earlier life. */
import type { PatchingState } from '../../../src/shared/protocol/panelApi.ts';
import { parseIds } from '../../lib/text/ids.ts';
import type { HostAction, Reduce } from './actions.ts';
import { hasPairs, typedOver } from './changed.ts';
import { emptyForm, formOf } from './form.ts';
import type { Form } from './form.ts';
import { summaryOf } from './read.ts';
import { untyped } from './state.ts';
import type { Run, State } from './state.ts';
import { filled } from './values.ts';

export const reduceHost: Reduce<HostAction> = (state, action) => {
  switch (action.kind) {
    case 'model':
      return withIds({ ...state, model: action.model });
    case 'shown':
      return withIds({ ...showing(state, action.shown, state.form), pair: 0, cell: null, inspecting: false, inspectedPair: 0, wanted: false, early: null });
    case 'history':
      return { ...state, history: action.history, picked: state.picked.filter((id) => action.history.some((entry) => entry.id === id)) };
    case 'restored': {
      const { form, ...view } = action.kept;
      const kept = { ...state, ...view };
      // The host is told of every change at once, while the editor saves a panel's state only now and then: the host's word is the later one.
      const told = showing(kept, action.shown, form ?? emptyForm);
      const next = { ...told, form: typedOver(told.form, state.form) };
      const pair = hasPairs(state.form) ? state.pair : kept.pair;
      return withIds({ ...next, pair: Math.min(pair, next.form.pairs.length - 1), cell: next.run?.cells[kept.cell ?? -1] ? kept.cell : null, inspecting: kept.inspecting && Boolean(next.run?.cells[kept.cell ?? -1]) });
    }
    default:
      return action satisfies never;
  }
};

function showing(state: State, { experiment, source, outcome }: PatchingState, before: Form): State {
  const run = experiment && outcome ? keptRun(experiment, outcome) : null;
  return { ...state, source, form: experiment ? formOf(experiment, before) : before, typed: untyped, run, failure: null };
}

/** What the host kept: whole, or as far as it came. */
function keptRun(experiment: Run['experiment'], { frame, passes, ms, ...values }: NonNullable<PatchingState['outcome']>): Run {
  const came = filled(frame, values);
  return { serial: 0, experiment, ...came, phase: came.done === came.of ? 'done' : 'cancelled', passes, ms };
}

/** Without a tokenizer only ids can be given. They may have been typed before it was known that there is none. */
function withIds(state: State): State {
  const summary = summaryOf(state);
  if (!summary || !('missing' in summary.tokenizer) || state.form.pairs.some(({ ids, clean }) => ids || (clean !== '' && !parseIds(clean).ok))) return state;
  return { ...state, form: { ...state.form, pairs: state.form.pairs.map((pair) => ({ ...pair, ids: true, tokenIds: true })) } };
}
