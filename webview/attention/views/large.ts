/** One head large: its matrix, what it mostly does, and the prompt shaded both ways. */
import './large.css';
import type { SourceLine } from '../../../src/shared/summary.ts';
import { contextOf } from '../../lib/context.ts';
import { h } from '../../lib/dom.ts';
import { fixed } from '../../../src/shared/format.ts';
import { headKindNames, headKinds } from '../../../src/shared/protocol/headApi.ts';
import type { PatternTile } from '../../../src/shared/protocol/engineApi.ts';
import { addressOf, attentionOf } from '../model/heads.ts';
import type { Head } from '../model/heads.ts';
import { scoreAt } from '../model/scores.ts';
import { pictureOfTower } from '../model/image.ts';
import { isMade, layerOf, positionOf, readTower, runTokens, sourceTokens, towerOf, viewOf } from '../model/read.ts';
import type { State } from '../model/state.ts';
import { habitsOf } from '../pattern/habits.ts';
import { readersOf, weightAt } from '../pattern/rows.ts';
import { aboutIcon } from '../../lib/about.ts';
import { about } from './about.ts';
import { headViews, viewAbout, viewWords } from '../pattern/headView.ts';
import { effectSum } from './effectSum.ts';
import { linesView } from './lines.ts';
import { writesView } from './writes.ts';
import { matrixView } from './matrix.ts';
import type { MatrixView } from './matrix.ts';
import type { Room } from './heads.ts';
import type { Panel } from './panel.ts';
import { positionsView } from './positions.ts';
import { tokenAt } from '../../lib/tokens/tokenWords.ts';

/** CSS pixels from which the prompt stands beside the matrix, and what it takes at least. */
const WIDE = 720;
const BESIDE = 280;
const AIR = 24;

export function largeView(panel: Panel, room: () => Room): MatrixView {
  const matrix = matrixView(panel, () => {
    const { width, ...other } = room();
    return { width: width >= WIDE ? width - Math.max(BESIDE, width * 0.3) - AIR : width, ...other };
  });
  const choose = (position: number): void => panel.dispatch({ kind: 'choose', position });
  const chooseSource = (source: number): void => {
    const state = panel.state();
    panel.dispatch(state.head?.attention === 'cross' ? { kind: 'choose', position: positionOf(state), source } : { kind: 'choose', position: source });
  };
  const [outStrip, intoStrip] = [positionsView('What the chosen token attends to', chooseSource), positionsView('What attends to the chosen token', choose)];
  const [outHead, intoHead] = [h('h3', { class: 'large-strip-head' }), h('h3', { class: 'large-strip-head' })];
  const facts = h('div', { class: 'large-facts' });
  const explain = aboutIcon(about.habits, (text) => panel.dispatch({ kind: 'said', text }));
  const waits = h('p', { class: 'muted' });
  const strips = h('div', {}, outHead, outStrip.element, intoHead, intoStrip.element);
  const lines = linesView(panel);
  const view = h('vscode-dropdown', { class: 'large-view', 'aria-label': 'Drawn as', title: 'What is drawn of the head', onchange: () => panel.dispatch({ kind: 'view', view: headViews.find((one) => one === view.value) ?? 'pattern' }) },
    ...headViews.map((one) => h('vscode-option', { value: one }, viewWords[one])));
  const aboutView = h('p', { class: 'muted large-about' });
  const writes = writesView(panel);
  const sum = effectSum(panel);
  let told: readonly unknown[] = [];
  const element = h('div', { class: 'large' },
    h('div', { class: 'large-matrix' }, h('div', { class: 'large-choice' }, view, sum.field), matrix.element, lines.element, sum.element, aboutView, waits),
    h('div', { class: 'large-beside' }, facts, strips, writes.element));

  return {
    element,
    focus: matrix.focus,
    update: (state, previous) => {
      const { head } = state;
      const layer = head && layerOf(state, head);
      if (head) element.dataset['vscodeContext'] = contextOf('head', addressOf(head));
      waits.textContent = layer ? '' : `${head ? addressOf(head) : ''} has not come yet.`;
      waits.hidden = layer !== undefined && layer !== null;
      // Before a run there are no tokens to put on the axes.
      const isDifference = state.run?.difference !== undefined;
      const made = isMade(state.run);
      strips.hidden = state.run === null || isDifference;
      view.hidden = state.run === null || made;
      const shown = viewOf(state);
      matrix.element.hidden = state.run === null || shown === 'lines';
      lines.element.hidden = state.run === null || shown !== 'lines';
      if (view.value !== state.view) view.value = state.view;
      aboutView.textContent = state.run === null ? '' : isDifference ? 'How much more a token of the second prompt reads of another one than in the first.' : made ? 'How much each position reads of each other one, in the mean over the prompts. A position where prompts have other tokens names the most frequent ones.' : shown === 'pattern' ? '' : viewAbout[shown];
      const isTurned = previous?.view !== state.view || previous.run?.difference !== state.run?.difference;
      if (shown === 'lines') lines.update(state, isTurned ? null : previous);
      else matrix.update(state, isTurned ? null : previous);
      writes.update(state, previous);
      sum.update(state, previous);
      const tile = head && state.run ? panel.tiles.peek(state.run, head) : undefined;
      const next = [head, layer, tile, positionOf(state), state.source, runTokens(state), sourceTokens(state), state.model, state.scale, state.scores, state.image, isDifference, panel.ink()];
      if (previous && next.every((part, index) => part === told[index])) return;
      told = next;
      facts.replaceChildren(...factsOf(panel, state, explain));
      const tokens = runTokens(state);
      const at = positionOf(state);
      const chosen = tokenAt(tokens, at);
      const sources = sourceTokens(state);
      const outgoing = sources.map((_, col) => (tile ? tile.values[at * tile.cols + col] : layer && head && weightAt(layer, head.head, at, col)) ?? 0);
      // To a token of its own stream both ways lead; to another stream's only one does, and the chosen source is what is attended to.
      const into = head?.attention === 'cross' ? Math.min(state.source, sources.length - 1) : at;
      const incoming = tokens.map((_, row) => (tile ? tile.values[row * tile.cols + into] : undefined) ?? 0);
      if (!tile && layer && head) for (const { at: row, weight } of readersOf(layer, head.head, into)) incoming[row] = weight;
      outHead.replaceChildren(h('span', { class: 'mono' }, chosen), ' attends to');
      intoHead.replaceChildren('What attends to ', h('span', { class: 'mono' }, tokenAt(sources, into)));
      outStrip.update(sources, head ? pictureOfTower(state, readTower(state, head)) : undefined, head?.attention === 'cross' ? into : at, { weights: outgoing, scale: state.scale }, panel.ink());
      intoStrip.update(tokens, head ? pictureOfTower(state, head.tower) : undefined, at, { weights: incoming, scale: state.scale }, panel.ink());
    },
  };
}

/** The head's line of source, and its mean weights on typical sources. */
function factsOf(panel: Panel, state: State, explain: Node): readonly Node[] {
  const { head } = state;
  const layer = head && layerOf(state, head);
  if (!head) return [];
  const block = towerOf(state, head.tower)?.blocks.find((candidate) => candidate.index === head.layer);
  const attention = block && attentionOf(block, head.attention);
  const source = (head.attention === 'cross' ? block?.crossSource : block?.attentionSource) ?? null;
  const groups = attention?.heads && attention.kvHeads && attention.kvHeads < attention.heads
    ? `reads key and value head ${Math.floor(head.head / (attention.heads / attention.kvHeads))}` : '';
  const habits = layer && !state.run?.difference ? habitsOf(layer, head.head, runTokens(state)) : [];
  const tile = state.run ? panel.tiles.peek(state.run, head) : undefined;
  return [
    h('div', { class: 'large-title' },
      h('span', { class: 'mono large-address' }, addressOf(head)),
      groups !== '' && h('span', { class: 'muted' }, groups),
      source && sourceLink(panel, source), explain),
    h('dl', { class: 'large-habits' },
      ...habits.map(({ name, share }) => h('div', {}, h('dt', { class: 'muted' }, name), h('dd', { class: 'number' }, fixed(share, 2))))),
    ...scoresOf(state, head),
    h('p', {}, tile && head.attention === 'self' && !state.run?.difference && h('button', { class: 'link', type: 'button', title: 'Score all heads by how much they attend as this one does here', onclick: () => headsLike(panel, head, tile) }, 'Find heads like this one')),
  ];
}

/** The head's scores, where heads have been scored. */
function scoresOf(state: State, head: Head): readonly Node[] {
  const { scores } = state;
  const found = headKinds.flatMap((kind, at) => {
    const score = scoreAt(state, head, at);
    return score === undefined || Number.isNaN(score) ? [] : [h('div', {}, h('dt', { class: 'muted' }, headKindNames[kind]), h('dd', { class: 'number' }, fixed(score, 2)))];
  });
  if (found.length === 0) return [];
  return [h('h3', { class: 'large-strip-head muted' }, scores?.protocol?.text === 'run' ? 'Scores on the prompt' : 'Scores on repeated random tokens'), h('dl', { class: 'large-habits' }, ...found)];
}

/** Takes a head's own pattern as what heads are scored by. */
function headsLike(panel: Panel, head: Head, tile: PatternTile): void {
  panel.dispatch({ kind: 'drawn', drawn: { name: addressOf(head), size: tile.rows, values: tile.values, tower: head.tower } });
  panel.dispatch({ kind: 'scoreBy', change: { byScore: true } });
  panel.dispatch({ kind: 'back' });
}

const sourceLink = (panel: Panel, source: SourceLine): HTMLElement =>
  h('button', { class: 'link mono', type: 'button', title: source.code, onclick: () => panel.openSource(source) }, `${source.file.split(/[\\/]/).at(-1) ?? ''}:${source.line}`);
