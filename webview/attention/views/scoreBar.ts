/** The line above the heads: what they are scored by, on what, in which order, and how far that is. */
import './scores.css';
import '../../lib/controls.ts';
import { sentence } from '../../../src/shared/errors.ts';
import { aboutIcon } from '../../lib/about.ts';
import { h } from '../../lib/dom.ts';
import { initialChoice, patternChoices, patternWords, rankedHeads, scoreKey, scoreObstacle, scoreWords, showsScores } from '../model/scores.ts';
import { isWrittenHere, writtenChoice, writtenChoices, writtenWords } from '../model/written.ts';
import type { ScoreChoice } from '../model/scores.ts';
import type { State } from '../model/state.ts';
import { counted } from '../../../src/shared/format.ts';
import { about } from './about.ts';
import { positionOf } from '../model/read.ts';
import type { Panel, View } from './panel.ts';
import { targetField } from './targetField.ts';
import { showsWhenLeft } from './typedField.ts';

const NONE = 'none';
const texts: Readonly<Record<ScoreChoice['text'], string>> = { repeated: 'repeated random tokens', run: 'this prompt' };

export function scoreBar(panel: Panel, draw: () => void): View {
  const change = (part: Partial<ScoreChoice>): void => panel.dispatch({ kind: 'scoreBy', change: part });
  const option = (value: string, text: string): HTMLElement => h('vscode-option', { value }, text);
  const pattern = h('vscode-dropdown', {
    class: 'score-pattern', 'aria-label': 'Score heads by', title: 'Score every head by how well its attention fits a pattern, or show what it writes',
    onchange: () => change({ pattern: [...patternChoices, ...writtenChoices].find((one) => one === pattern.value) ?? null }),
  }, option(NONE, 'no score'), ...patternChoices.map((choice) => option(choice, patternWords(choice))), ...writtenChoices.map((choice) => option(choice, writtenWords[choice])));
  const on = h('span', { class: 'muted' }, 'on');
  const target = targetField(panel);
  const aim = h('label', { class: 'score-aim muted' }, 'on', target.element);
  const text = h('vscode-dropdown', { class: 'score-text', 'aria-label': 'Scored on', title: 'What the heads are scored on', onchange: () => change({ text: text.value === 'run' ? 'run' : 'repeated' }) },
    ...Object.entries(texts).map(([value, words]) => option(value, words)));
  const offset = h('vscode-text-field', {
    class: 'score-number', 'aria-label': 'Distance in tokens', title: 'Distance from the reading token, in tokens: −1 is the token before',
    onchange: () => change({ offset: Math.round(numberIn(offset.value) ?? initialChoice.offset) }),
  });
  const drawIt = h('vscode-button', { appearance: 'secondary', onclick: draw }, 'Draw…');
  const byScore = h('vscode-checkbox', { title: 'The highest first, with their patterns', onchange: () => change({ byScore: byScore.checked }) }, 'By score');
  const atLeast = h('vscode-text-field', {
    class: 'score-number', 'aria-label': 'Score at least', title: 'Heads below are left out, 0 to 1',
    onchange: () => change({ atLeast: Math.min(Math.max(numberIn(atLeast.value) ?? 0, 0), 1) }),
  });
  const least = h('label', { class: 'score-least muted' }, 'at least', atLeast);
  const [showsOffset, showsLeast] = [showsWhenLeft(offset), showsWhenLeft(atLeast)];
  const note = h('span', { class: 'score-note muted', role: 'status' });
  const again = h('vscode-button', { appearance: 'secondary', onclick: () => change({}) }, 'Try again');
  const chosen = h('span', { class: 'score-chosen' }, aim, on, text, offset, drawIt, byScore, least, note, again);
  const element = h('div', { class: 'score-bar' }, h('span', { class: 'muted' }, 'Score by'), pattern, aboutIcon(about.scores, (words) => panel.dispatch({ kind: 'said', text: words })), chosen);

  return {
    element,
    update: (state, previous) => {
      const { choice, scores } = state;
      if (previous && previous.choice === choice && previous.scores === scores && previous.run === state.run && previous.drawn === state.drawn && previous.written === state.written && previous.target === state.target && positionOf(previous) === positionOf(state)) return;
      const shows = (field: { value: string }, value: string): void => {
        if (field.value !== value) field.value = value;
      };
      shows(pattern, choice.pattern ?? NONE);
      shows(text, choice.text);
      showsOffset(String(choice.offset).replace('-', '−'));
      showsLeast(String(choice.atLeast));
      byScore.checked = choice.byScore;
      chosen.hidden = choice.pattern === null;
      const written = writtenChoice(state);
      target.update(state);
      aim.hidden = written !== 'effect';
      on.hidden = written !== null;
      least.hidden = written !== null;
      text.hidden = written !== null || choice.pattern === 'drawn';
      offset.hidden = choice.pattern !== 'offset';
      drawIt.hidden = choice.pattern !== 'drawn';
      note.textContent = noteOf(state);
      again.hidden = !isFailed(state);
    },
  };
}

const isFailed = (state: State): boolean => (writtenChoice(state) !== null ? state.written?.phase === 'failed' && isWrittenHere(state) : state.scores?.phase === 'failed' && scoreObstacle(state) === null && state.scores.key === scoreKey(state));

/** A number as people write it, with a real minus sign too; undefined where it is none. */
function numberIn(text: string): number | undefined {
  const value = Number(text.trim().replace('−', '-'));
  return text.trim() !== '' && Number.isFinite(value) ? value : undefined;
}

function noteOf(state: State): string {
  const { scores, choice, written } = state;
  if (!showsScores(state)) return '';
  const obstacle = scoreObstacle(state);
  if (obstacle !== null) return obstacle;
  if (writtenChoice(state) !== null) {
    if (!written || !isWrittenHere(state)) return 'waiting';
    if (written.phase === 'failed') return written.error ? sentence(written.error) : '';
    if (written.phase === 'running') return written.of > 0 ? `layer ${written.done} of ${written.of}` : 'waiting';
    return [scoreWords(state), 'biases left out', ...written.notes].join(' · ');
  }
  if (!scores || scores.key !== scoreKey(state)) return 'waiting';
  if (scores.phase === 'failed') return scores.error ? sentence(scores.error) : '';
  const found = choice.atLeast > 0 ? ` · ${counted(rankedHeads(state).length, 'head')} of at least ${choice.atLeast}` : '';
  const notes = scores.notes.map((note) => ` · ${note}`).join('');
  return scores.phase === 'running' && scores.of > 0 ? `layer ${scores.done} of ${scores.of}` : `${scoreWords(state)}${found}${notes}`;
}
