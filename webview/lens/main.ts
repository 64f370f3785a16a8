/** The lens: every state of a prompt read as tokens, and a logit as a sum of what wrote it. */
import '../lib/base.css';
import '../lib/page.css';
import './lens.css';
import { CogscopeError, sentence } from '../../src/shared/errors.ts';
import type { LensPanelApi } from '../../src/shared/protocol/panelApi.ts';
import { barColours } from '../lib/color/diverging.ts';
import { readInk } from '../lib/color/ink.ts';
import { cssColour } from '../lib/color/oklab.ts';
import { connectHost, keptState } from '../lib/connect.ts';
import { h } from '../lib/dom.ts';
import { pictureOf } from '../lib/export/picture.ts';
import type { PictureFormat } from '../lib/export/picture.ts';
import { isTyping } from '../lib/keys.ts';
import { modelNotices, noticeArea } from '../lib/modelNotices.ts';
import { errorNotice } from '../lib/notice.ts';
import { Store } from '../lib/store.ts';
import { onThemeChange } from '../lib/theme.ts';
import { rememberState } from './effects/remember.ts';
import { Runner } from './effects/run.ts';
import { lensCsv } from './export/csv.ts';
import { lensSvg } from './export/svg.ts';
import { readKept } from './model/kept.ts';
import { reduce } from './model/reduce.ts';
import type { PanelStore } from './model/reduce.ts';
import { initialState, measures } from './model/state.ts';
import type { State } from './model/state.ts';
import { askView } from './views/ask.ts';
import { beforeView } from './views/before.ts';
import { cellView } from './views/cell.ts';
import { helpView } from './views/help.ts';
import type { Panel } from './views/panel.ts';
import { partsView } from './views/parts.ts';
import { statesView } from './views/states.ts';
import { statusView } from './views/status.ts';
import { toolbarView } from './views/toolbar.ts';

const host = connectHost<LensPanelApi>();
const store: PanelStore = new Store(initialState, reduce);
const runner = new Runner(host, store);
let ink = readInk();

/** Says in the status what came of something that was asked for. */
function tell(answer: Promise<string>): void {
  const say = (text: string): void => store.dispatch({ kind: 'said', text });
  answer.then(say, (thrown: unknown) => say(sentence(CogscopeError.describe(thrown))));
}

async function save(format: 'csv' | PictureFormat): Promise<string> {
  const name = `${(store.state.model?.title ?? 'model').replace(/\.onnx$/, '')}-lens.${format}`;
  const content = format === 'csv' ? lensCsv(store.state) : await pictureOf(lensSvg(store.state, ink), name, format);
  return (await host.call('save', { name, content })) ? `Saved ${name}` : '';
}

const panel: Panel = {
  dispatch: store.dispatch,
  state: () => store.state,
  ink: () => ink,
  run: () => void runner.run(),
  cancel: () => runner.cancel(),
  copy: (text) => tell(host.call('copy', { text }).then(() => `Copied ${text}`)),
  openHead: (address) => tell(host.call('openAttention', { address }).then(() => '')),
  command: (name) => tell(host.call('command', { name }).then(() => '')),
  save: (format) => tell(save(format)),
  say: (text) => status.say(text),
};

const scroller = h('div', { class: 'scroll' });
/** Three fifths of what is left below the question: the sum of the logit stands under the lens. */
const height = (): number => (scroller.clientHeight - ask.element.offsetHeight) * 0.6;
const notices = noticeArea();
const [toolbar, ask, before, states, cell, parts, status, help] = [toolbarView(panel), askView(panel), beforeView(panel), statesView(panel, height), cellView(), partsView(panel), statusView(panel), helpView(panel)];
scroller.append(ask.element, before.element, h('div', { class: 'lens-main' }, states.element, cell.element), parts.element);
document.getElementById('root')?.append(toolbar.element, notices.element, scroller, status.element, help.element);

/** The ends of the scale, for what is styled rather than painted. */
function colourEnds(): void {
  const { style } = document.documentElement;
  for (const [name, colour] of Object.entries(barColours(ink.diverging))) style.setProperty(`--${name}`, cssColour(colour));
}
colourEnds();

let drawn: State | null = null;
let scheduled = false;

function draw(): void {
  const [state, previous] = [store.state, drawn];
  drawn = state;
  const { failure, model } = state;
  notices.show([...modelNotices(model, { command: panel.command, runsAgain: false }), ...(failure && failure.code !== 'engine-died' ? [errorNotice(failure)] : [])]);
  for (const view of [toolbar, ask, before, states, cell, parts, status, help]) view.update(state, previous);
}

/** Draws with the browser's next frame; `whole` where colours or sizes are new. */
function redraw(whole: boolean): void {
  if (whole) drawn = null;
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    draw();
  });
}

function keys(event: KeyboardEvent): void {
  const { state } = store;
  const isControl = event.ctrlKey || event.metaKey;
  if (event.defaultPrevented || document.querySelector('dialog[open]') || event.altKey) return;
  if (isControl && event.key === 'Enter') panel.run();
  else if (isTyping(event)) return;
  else if (isControl && event.key === 'c' && window.getSelection()?.isCollapsed !== false && state.cell) panel.copy(state.run?.frame?.states[state.cell.state]?.address ?? '');
  else if (isControl) return;
  else if (event.key === '?') store.dispatch({ kind: 'help', on: true });
  else if (event.key === 'm') store.dispatch({ kind: 'measure', measure: measures[(measures.indexOf(state.measure) + 1) % measures.length] ?? 'probability' });
  else return;
  event.preventDefault();
}

store.listen(() => redraw(false));
rememberState(host, store);
onThemeChange(() => {
  ink = readInk();
  colourEnds();
  redraw(true);
});
new ResizeObserver(() => redraw(true)).observe(scroller);
document.addEventListener('keydown', keys);
host.on('model', (model) => store.dispatch({ kind: 'model', model }));

void host.call('ready', {}).then(({ prompt, ...model }) => {
  store.dispatch({ kind: 'restored', kept: readKept(keptState()), prompt });
  store.dispatch({ kind: 'model', model });
});
