/** What the host tells: the model, its engine, an address to show; and what was kept of an earlier life. */
import type { Prompt } from '../../../src/shared/protocol/engineApi.ts';
import type { PanelModel } from '../../../src/shared/protocol/panelApi.ts';
import { emptySet } from './average.ts';
import { headAt } from './heads.ts';
import type { HostAction, Reduce } from './actions.ts';
import { draftOf, isEmpty, promptOf, withoutTokenizer } from '../../lib/text/prompt.ts';
import { headsOf, ownRun, summaryOf } from './read.ts';
import { openHead } from './reduceView.ts';
import type { Draft, State } from './state.ts';

export const reduceHost: Reduce<HostAction> = (state, action) => {
  switch (action.kind) {
    case 'model':
      // A file that was read anew has scores of its own.
      return showWanted(withDefaultMode({ ...state, model: action.model, rerun: rerunAfter(state, action.model), ...(state.model?.changed === true && !action.model.changed ? { scores: null, written: null } : {}) }));
    case 'reveal':
      return showWanted({ ...state, wanted: { address: action.address, open: true }, said: '' });
    case 'restored': {
      const { kept, prompt, address, image = null } = action;
      const draft = restoredDraft(kept.draft, prompt, state.draft);
      const wanted = address ?? kept.address ?? null;
      // What the host asks for is opened; what was merely selected is selected.
      const isAsked = action.open ?? (address !== null && address !== kept.address);
      const runsAgain = isEmpty(state.draft) && (!isEmpty(draft) || image !== null) && (kept.ran || (!kept.draft && prompt !== null));
      return showWanted({
        ...state, draft, image, rerun: runsAgain ? 'armed' : state.rerun, edits: kept.edits ?? {}, compare: kept.compare ? { ...kept.compare, asked: false, error: null, compared: null } : null,
        average: kept.average && !kept.compare ? { ...emptySet, text: kept.average.text, file: kept.average.file, asked: kept.average.shown } : null, position: kept.position ?? null,
        table: kept.table ?? false, scale: kept.scale ?? state.scale, choice: kept.choice ?? state.choice, view: kept.view ?? state.view, writing: kept.writing ?? state.writing, target: kept.target ?? state.target, wanted: wanted === null ? null : { address: wanted, open: isAsked || kept.place === 'head' },
      });
    }
    default:
      return action satisfies never;
  }
};

/**
 * The host is told of every change at once, while the editor saves a panel's state only now and then: the host's word is the later
 * one, but for what was typed before it came. Ids that cannot be read were never told to it.
 */
function restoredDraft(kept: Draft | undefined, prompt: Prompt | null, before: Draft): Draft {
  if (!isEmpty(before)) return before;
  if (!prompt) return kept ?? before;
  const told = draftOf(prompt, kept ?? before);
  return kept && (isEmpty(told) || !promptOf(kept).ok) ? kept : told;
}

/** A run is lost with its engine, and made again once another is ready; so is one of a file that has been read anew. */
function rerunAfter(state: State, { engine, changed }: PanelModel): State['rerun'] {
  const run = ownRun(state);
  if (run && state.model?.changed === true && !changed) return 'armed';
  switch (engine.kind) {
    case 'restarting':
    case 'failed':
      return run || state.rerun !== 'no' ? 'armed' : 'no';
    case 'starting':
      return state.rerun === 'lost' ? 'armed' : state.rerun;
    case 'ready':
    case 'busy':
    case 'stopped':
      return state.rerun;
    default:
      return engine satisfies never;
  }
}

function withDefaultMode(state: State): State {
  const summary = summaryOf(state);
  return summary && 'missing' in summary.tokenizer ? { ...state, draft: withoutTokenizer(state.draft) } : state;
}

/** Shows the address that was asked for, as soon as its head is known, or says that it is not there. */
export function showWanted(state: State): State {
  const { wanted } = state;
  const summary = summaryOf(state);
  if (!wanted || !summary) return state;
  const head = headAt(wanted.address, headsOf(state));
  if (head) {
    const shown: State = { ...state, wanted: null, missing: null };
    return wanted.open ? openHead(shown, head) : { ...shown, head };
  }
  const someUnknown = summary.towers.some((tower) => tower.blocks.some((block) => [block.attention, block.cross].some((one) => one !== null && one.heads === null)));
  return someUnknown && state.run?.phase !== 'done' ? state : { ...state, wanted: null, missing: wanted.address };
}
