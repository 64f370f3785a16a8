/** What the colours mean: the scale with its choice, the marks, and what is left out. */
import '../../lib/legend.css';
import '../../lib/controls.ts';
import { h } from '../../lib/dom.ts';
import { levelOf, NAN_LEVEL, scaleWords } from '../../lib/color/levels.ts';
import type { ScaleName } from '../../lib/color/levels.ts';
import { divergingLevel } from '../../lib/color/diverging.ts';
import { paintPixels } from '../../lib/color/paintPixels.ts';
import { nanStripes, pixelOf } from '../../lib/color/palette.ts';
import { meanWords } from '../model/average.ts';
import { besideState, isBeside } from '../model/beside.ts';
import { isMade, layersInOrder, visibilityOf } from '../model/read.ts';
import { layerKey, placeOf } from '../model/heads.ts';
import { massKept } from '../pattern/rows.ts';
import { percent, significant } from '../../../src/shared/format.ts';
import type { State } from '../model/state.ts';
import { gridScale } from '../model/gridScale.ts';
import { showsScores } from '../model/scores.ts';
import { diverges as isDiverging, limitOf, numberWords, tileViewOf } from '../pattern/headView.ts';
import type { TileView } from '../pattern/headView.ts';
import { hasMasked } from '../pattern/visibility.ts';
import { targetWords } from '../model/written.ts';
import type { Panel, View } from './panel.ts';
import { cutWords } from './words.ts';

/** CSS pixels. */
const [WIDTH, HEIGHT, SWATCH] = [96, 10, 10];

export function legendView(panel: Panel): View {
  const ramp = h('canvas', { class: 'legend-ramp', role: 'img', 'aria-label': 'From weight 0 to weight 1' });
  const nan = h('canvas', { class: 'legend-swatch', 'aria-hidden': 'true' });
  const options = (Object.keys(scaleWords) as ScaleName[]).map((name) => h('vscode-option', { value: name }, scaleWords[name]));
  const scale = h('vscode-dropdown', {
    class: 'legend-scale', 'aria-label': 'Scale', title: 'How weights become colour',
    onchange: () => panel.dispatch({ kind: 'scale', scale: scale.value === 'sqrt' ? 'sqrt' : 'linear' }),
  }, ...options);
  const broken = h('span', { class: 'legend-item' }, nan, 'NaN');
  const masked = h('span', { class: 'legend-item' }, h('span', { class: 'legend-swatch legend-masked' }), 'masked');
  const alone = h('span', { class: 'legend-item' }, h('span', { class: 'legend-swatch legend-hatched' }), 'in one prompt only');
  const cut = h('span', { class: 'legend-cut' });
  const what = h('span', {});
  let painted = '';
  const [low, high] = [h('span', {}, '0'), h('span', {}, '1')];
  const element = h('div', { class: 'legend muted' },
    scale, what, h('span', { class: 'legend-item' }, low, ramp, high), masked, alone, broken, cut);
  return {
    element,
    update: (whole, previous) => {
      // Beside each other both are drawn on one scale.
      const state = isBeside(whole) ? besideState(whole, 'first') : whole;
      if (scale.value !== state.scale) scale.value = state.scale;
      const scored = isScored(state);
      const behind = behindOf(panel, state);
      const difference = state.run?.difference;
      const diverges = difference !== undefined || (behind !== undefined && isDiverging(behind.view));
      const grid = scored ? gridScale(state) : null;
      const shows = grid ? (grid.diverges ? 'effect' : 'score') : diverges ? 'diverging' : state.scale;
      if (!previous || shows !== painted) paint(panel, ramp, nan, shows);
      painted = shows;
      const limit = grid ? grid.limit : difference?.limit ?? behind?.limit;
      low.textContent = (grid?.diverges ?? diverges) && limit !== undefined ? `−${significant(limit)}` : '0';
      high.textContent = limit === undefined ? '1' : significant(limit);
      ramp.setAttribute('aria-label', `From ${grid ? `${grid.name} ` : ''}${low.textContent} to ${high.textContent}`);
      what.textContent = grid ? grid.name : difference ? 'second prompt − first' : state.run?.mean ? meanWords(state.run.mean) : behind ? `${numberWords[behind.view]}${behind.view === 'effect' ? ` of ${targetWords(state)}` : ''}` : '';
      scale.hidden = scored || diverges;
      alone.hidden = difference === undefined && !(state.run?.beside && state.place === 'head');
      const layers = layersInOrder(state);
      // Where there is room the mark is explained before it is needed.
      broken.hidden = scored;
      broken.classList.toggle('legend-spare', !layers.some((layer) => layer.nanRows.length > 0));
      masked.hidden = scored || !layers.some((layer) => hasMasked(visibilityOf(state, placeOf(layer), layer)));
      cut.textContent = scored ? '' : cutOf(panel, state);
    },
  };
}

/** What an opened head shows beside its weights, and where that scale ends; undefined until it has come. */
function behindOf(panel: Panel, { place, run, head, view }: State): { readonly view: TileView; readonly limit: number } | undefined {
  const shown = tileViewOf(view);
  const tile = place === 'head' && run && !isMade(run) && head && shown !== 'pattern' ? panel.tiles.peek(run, head, shown) : undefined;
  return tile && { view: shown, limit: limitOf(tile, shown) };
}

/** Scores in the grid itself; by score, patterns are shown. */
const isScored = (state: State): boolean => showsScores(state) && state.place === 'grid' && !state.choice.byScore && !state.table;

/** What is left out, and how much of the weight that is: of all heads, or of the opened one until its rows have come whole. */
function cutOf(panel: Panel, state: State): string {
  const isOpen = state.place === 'head' && state.head !== null;
  if (isOpen && (!state.head || !state.run || panel.tiles.peek(state.run, state.head))) return '';
  const layers = layersInOrder(state).filter((layer) => cutWords(layer) !== '' && (!isOpen || layerKey(placeOf(layer)) === layerKey(state.head)));
  const [first] = layers;
  if (!first) return '';
  if (state.run?.difference) return cutWords(first).replace('weights', 'differences');
  const masses = layers.map(massKept);
  const mean = masses.reduce((sum, mass) => sum + mass.mean, 0) / masses.length;
  return `${cutWords(first)}: ${percent(mean)} of the weight, at least ${percent(Math.min(...masses.map((mass) => mass.least)))} of a head’s`;
}

function paint(panel: Panel, ramp: HTMLCanvasElement, nan: HTMLCanvasElement, scale: ScaleName | 'score' | 'effect' | 'diverging'): void {
  const { palette: { pixels, theme }, diverging, tint } = panel.ink();
  paintPixels(ramp, [WIDTH, HEIGHT], (share) => {
    if (scale === 'diverging') return diverging.pixels[divergingLevel(2 * share - 1, 1)] ?? 0;
    if (scale === 'effect') return pixelOf(tint(2 * share - 1));
    return scale === 'score' ? pixelOf(tint(share)) : pixels[levelOf(share, scale)] ?? 0;
  });
  paintPixels(nan, [SWATCH, HEIGHT], (_, x, y) => (nanStripes.has(x, y) ? pixels[NAN_LEVEL] ?? 0 : pixelOf(theme.background)));
}
