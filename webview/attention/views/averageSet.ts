/** A set of prompts to average over: typed, pasted or from a file; what was left out and why; and whether the mean or the prompt is shown. */
import './averageSet.css';
import { sentence } from '../../../src/shared/errors.ts';
import { counted } from '../../../src/shared/format.ts';
import type { PromptSet } from '../../../src/shared/protocol/panelApi.ts';
import { h } from '../../lib/dom.ts';
import { icon } from '../../lib/icons.ts';
import { emptySet, meanWords, setOf } from '../model/average.ts';
import type { AverageSet, Mean } from '../model/average.ts';
import { canRun, isRunning } from '../model/read.ts';
import type { Run, State } from '../model/state.ts';
import { closable } from './closable.ts';
import type { Panel, View } from './panel.ts';

const pictures = { prompt: 'Prompt', mean: 'Mean' } as const;
/** Prompts that are left out and named, and letters of each. */
const [NAMED, LETTERS] = [100, 60];

export function averageSetView(panel: Panel): View {
  const change = (part: Partial<Pick<AverageSet, 'text' | 'file'>>): void => panel.dispatch({ kind: 'setTyped', change: part });
  const area = h('vscode-text-area', { class: 'compare-area set-area', resize: 'none', rows: 4, spellcheck: 'false', oninput: () => change({ text: area.value }) });
  const file = h('div', { class: 'set-file' });
  const average = h('vscode-button', { appearance: 'secondary', onclick: panel.average }, 'Average');
  const pick = h('vscode-button', { appearance: 'secondary', title: 'Take the prompts of a file: a line each, as text or JSON', onclick: panel.pickPrompts }, 'Choose a file…');
  const choices = (Object.keys(pictures) as (keyof typeof pictures)[]).map((shown) => h('button', { class: 'compare-choice', type: 'button', 'data-shown': shown, title: `Show the ${shown === 'mean' ? 'mean over the set' : 'prompt alone'} (m)`, onclick: () => panel.dispatch({ kind: 'averageShown', shown }) }, pictures[shown]));
  const choice = h('div', { class: 'compare-choices', role: 'group', 'aria-label': 'Show' }, ...choices);
  const note = h('span', { class: 'muted', role: 'status' });
  const problem = h('p', { class: 'compare-problem set-problem', role: 'alert' });
  const left = h('details', { class: 'set-left' });
  const { element, show, enter } = closable('prompt-set', 'Set of prompts', () => panel.dispatch({ kind: 'average', on: false }), area, file, h('div', { class: 'compare-line' }, average, pick, choice, note), problem, left);
  let drawnFile: PromptSet | null = null;
  let drawnMean: Mean | undefined;

  return {
    element,
    update: (state, previous) => {
      const { average: set } = state;
      show(set !== null);
      area.setAttribute('aria-label', 'Set of prompts, one a line'); // The toolkit names a field anew when it is connected.
      if (!set) return;
      if (area.value !== set.text) area.value = set.text;
      area.placeholder = state.draft.mode === 'text' ? 'Prompts to average over, one a line' : 'Token ids of prompts to average over, one prompt a line';
      area.hidden = set.file !== null;
      file.hidden = set.file === null;
      if (set.file !== drawnFile) file.replaceChildren(...(set.file ? fileLine(set.file, () => change({ file: null })) : []));
      drawnFile = set.file;
      average.disabled = setOf(set).length === 0 || set.asked || !canRun(state) || isRunning(state.run);
      const mean = meanRun(state)?.mean;
      note.textContent = set.asked ? 'waiting for the run to end' : noteOf(state, mean);
      problem.hidden = set.error === null;
      problem.textContent = set.error ? sentence(set.error) : '';
      choice.hidden = mean === undefined;
      for (const one of choices) one.setAttribute('aria-pressed', String(one.dataset['shown'] === set.shown));
      left.hidden = !mean || mean.leftOut.length === 0;
      if (mean?.leftOut !== drawnMean?.leftOut) left.replaceChildren(...(mean ? leftOut(mean) : []));
      drawnMean = mean;
      // What was there before a reload leaves the focus where it is.
      if (previous && previous.average === null && set === emptySet) enter();
    },
  };
}

/** The run of the last mean, shown or not. */
const meanRun = ({ run, average }: State): Run | null => (average?.shown === 'mean' ? run : average?.aside.run ?? null);

function noteOf(state: State, mean: Mean | undefined): string {
  const { average } = state;
  const count = average ? setOf(average).length : 0;
  if (!mean) return count === 0 ? '' : counted(count, 'prompt');
  const length = Object.values(meanRun(state)?.towers ?? {}).map((tokens) => tokens.length).join(' and ');
  return `${meanWords(mean)}, position by position · ${length} tokens each`;
}

function fileLine({ name, prompts, unread, beyond }: PromptSet, remove: () => void): readonly Node[] {
  const rest = [unread > 0 && `${counted(unread, 'line')} without a prompt`, beyond > 0 && `${beyond} more are not taken`].filter((part) => part !== false);
  return [
    h('span', { class: 'mono' }, name), h('span', { class: 'muted' }, [counted(prompts.length, 'prompt'), ...rest].join(' · ')),
    h('vscode-button', { appearance: 'icon', 'aria-label': `Do not use ${name}`, title: 'Type prompts instead', onclick: remove }, icon('close')),
  ];
}

/** Which prompts are not averaged, by their number from 1. */
function leftOut({ leftOut: list, set }: Mean): readonly Node[] {
  const rest = list.length - NAMED;
  const words = (index: number): string => {
    const text = (set[index] ?? '').replace(/\s+/g, ' ');
    return text.length > LETTERS ? `${text.slice(0, LETTERS - 1)}…` : text;
  };
  return [
    h('summary', {}, `${counted(list.length, 'prompt')} left out`),
    h('ul', {}, ...list.slice(0, NAMED).map(({ index, reason }) => h('li', {}, h('span', { class: 'number muted' }, String(index + 1)), h('span', { class: 'mono' }, words(index)), h('span', { class: 'muted' }, reason))), ...(rest > 0 ? [h('li', { class: 'muted' }, `and ${counted(rest, 'more', 'more')}`)] : [])),
  ];
}
