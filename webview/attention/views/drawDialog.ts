/** A pattern drawn by hand: the cells where heads are to look, over the tokens of the prompt that was run. */
import './drawDialog.css';
import '../../lib/controls.ts';
import { h } from '../../lib/dom.ts';
import { cssColour } from '../../lib/color/oklab.ts';
import { counted } from '../../../src/shared/format.ts';
import { tokenAt } from '../../lib/tokens/tokenWords.ts';
import type { TokenInfo } from '../../../src/shared/protocol/engineApi.ts';
import { drawnTower, mayDraw } from '../model/scores.ts';
import type { State } from '../model/state.ts';
import type { Panel } from './panel.ts';

/** Tokens at most: with more, a cell is smaller than a hand can hit. */
const MOST_TOKENS = 64;
/** CSS pixels of the sheet, and of a cell at most. */
const [SHEET, LARGEST_CELL] = [448, 24];

export interface DrawDialog {
  readonly element: HTMLElement;
  readonly open: () => void;
}

interface Cell {
  readonly row: number;
  readonly col: number;
}

const moves: Readonly<Record<string, (at: Cell) => Cell>> = {
  ArrowLeft: ({ row, col }) => ({ row, col: col - 1 }),
  ArrowRight: ({ row, col }) => ({ row, col: col + 1 }),
  ArrowUp: ({ row, col }) => ({ row: row - 1, col }),
  ArrowDown: ({ row, col }) => ({ row: row + 1, col }),
};

export function drawDialog(panel: Panel): DrawDialog {
  const sheet = h('canvas', {
    class: 'draw-sheet', role: 'application', tabindex: 0, 'aria-label': 'Pattern', 'aria-roledescription': 'drawing of a pattern',
    onpointerdown: (event) => begin(event),
    onpointermove: (event) => stroke(event),
    onkeydown: (event) => key(event),
  });
  const words = h('p', { class: 'mono draw-words', role: 'status' });
  const use = h('vscode-button', { onclick: () => finish() }, 'Score heads by it');
  const element = h('dialog', { class: 'keys draw', 'aria-labelledby': 'draw-title' },
    h('h2', { id: 'draw-title', class: 'section-head' }, 'Draw a pattern'),
    h('p', { class: 'muted' }, 'A row is a token that reads, a column one that is read. Drag to fill cells, or move with the arrow keys and press the space bar.'),
    sheet, words,
    h('div', { class: 'draw-actions' }, use, h('vscode-button', { appearance: 'secondary', onclick: () => clear() }, 'Clear'), h('vscode-button', { appearance: 'secondary', onclick: () => element.close() }, 'Cancel')));
  let tokens: readonly TokenInfo[] = [];
  let values = new Float32Array(0);
  let at: Cell = { row: 0, col: 0 };
  let fills = 1;

  const side = (): number => Math.max(Math.floor(Math.min(SHEET / Math.max(tokens.length, 1), LARGEST_CELL)), 1);

  const paint = (): void => {
    const cell = side() * devicePixelRatio;
    const length = Math.round(cell * tokens.length);
    [sheet.width, sheet.height] = [length, length];
    sheet.style.width = sheet.style.height = `${length / devicePixelRatio}px`;
    const context = sheet.getContext('2d');
    const { theme, colours } = panel.ink().palette;
    if (!context) return;
    const state = panel.state();
    tokens.forEach((_row, row) => tokens.forEach((_col, col) => {
      const level = mayDraw(state, row, col) ? values[row * tokens.length + col] === 1 ? 254 : 1 : 0;
      context.fillStyle = cssColour(colours[level] ?? theme.background);
      context.fillRect(Math.round(col * cell), Math.round(row * cell), Math.max(Math.round(cell) - 1, 1), Math.max(Math.round(cell) - 1, 1));
    }));
    context.strokeStyle = cssColour(theme.foreground);
    context.lineWidth = 2;
    context.strokeRect(Math.round(at.col * cell) + 1, Math.round(at.row * cell) + 1, Math.max(Math.round(cell) - 3, 1), Math.max(Math.round(cell) - 3, 1));
    words.textContent = `${tokenAt(tokens, at.row)} attends to ${tokenAt(tokens, at.col)}${mayDraw(state, at.row, at.col) ? values[at.row * tokens.length + at.col] === 1 ? ' · filled' : '' : ' · masked'}`;
    use.disabled = !values.includes(1);
  };

  const go = ({ row, col }: Cell): void => {
    const bound = (one: number): number => Math.min(Math.max(one, 0), tokens.length - 1);
    at = { row: bound(row), col: bound(col) };
  };
  const fill = (value: number): void => {
    if (mayDraw(panel.state(), at.row, at.col)) values[at.row * tokens.length + at.col] = value;
    paint();
  };
  const under = (event: PointerEvent): Cell => ({ row: Math.floor(event.offsetY / side()), col: Math.floor(event.offsetX / side()) });

  const begin = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    sheet.setPointerCapture(event.pointerId);
    go(under(event));
    fills = values[at.row * tokens.length + at.col] === 1 ? 0 : 1;
    fill(fills);
  };
  const stroke = (event: PointerEvent): void => {
    go(under(event));
    if (sheet.hasPointerCapture(event.pointerId)) fill(fills);
    else paint();
  };
  const key = (event: KeyboardEvent): void => {
    const move = moves[event.key];
    if (event.ctrlKey || event.altKey || event.metaKey || (!move && event.key !== ' ')) return;
    event.preventDefault();
    if (move) {
      go(move(at));
      paint();
    } else fill(values[at.row * tokens.length + at.col] === 1 ? 0 : 1);
  };
  const clear = (): void => {
    values.fill(0);
    paint();
  };
  const finish = (): void => {
    panel.dispatch({ kind: 'drawn', drawn: { name: 'drawn by hand', size: tokens.length, values: values.slice(), tower: drawnTower(panel.state()) } });
    element.close();
  };

  return {
    element,
    open: () => {
      const state = panel.state();
      tokens = tokensOf(state);
      if (tokens.length === 0 || tokens.length > MOST_TOKENS) {
        panel.dispatch({ kind: 'said', text: tokens.length === 0 ? 'Run a prompt first: a pattern is drawn over its tokens' : `A pattern is drawn over ${MOST_TOKENS} tokens at most, and this prompt has ${counted(tokens.length, 'token')}; take the pattern of an opened head` });
        return;
      }
      const isSame = state.drawn?.size === tokens.length && state.drawn.tower === drawnTower(state);
      values = isSame && state.drawn ? Float32Array.from(state.drawn.values, (value) => (value > 0 ? 1 : 0)) : new Float32Array(tokens.length ** 2);
      at = { row: 0, col: 0 };
      paint();
      element.showModal();
      sheet.focus();
    },
  };
}

const tokensOf = (state: State): readonly TokenInfo[] => state.run?.towers[drawnTower(state)] ?? state.run?.tokens ?? [];
