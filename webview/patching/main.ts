/** The patching panel: change one activation, see what the answer does. */
import '../lib/base.css';
import '../lib/page.css';
import './patching.css';
import { CogscopeError, sentence } from '../../src/shared/errors.ts';
import type { PatchingPanelApi } from '../../src/shared/protocol/panelApi.ts';
import { divergingLevel } from '../lib/color/diverging.ts';
import { readInk } from '../lib/color/ink.ts';
import { cssColour } from '../lib/color/oklab.ts';
import { connectHost, keptState } from '../lib/connect.ts';
import { h } from '../lib/dom.ts';
import { Store } from '../lib/store.ts';
import { onThemeChange } from '../lib/theme.ts';
import { compareHistory, followHistory } from './effects/history.ts';
import { inspectSelected } from './effects/inspect.ts';
import { rememberState } from './effects/remember.ts';
import { Runner } from './effects/run.ts';
import { saveResult } from './effects/save.ts';
import { tokenizeWhileTyping } from './effects/tokenize.ts';
import { panelKeys } from './keys.ts';
import { experimentOf } from './model/form.ts';
import { readKept } from './model/kept.ts';
import { cellOf } from './model/read.ts';
import { reduce } from './model/reduce.ts';
import type { PanelStore } from './model/reduce.ts';
import { initialState } from './model/state.ts';
import type { State } from './model/state.ts';
import { cellView } from './views/cell.ts';
import { helpView } from './views/help.ts';
import { historyView } from './views/history.ts';
import { noticesView } from './views/notices.ts';
import type { Panel, Room } from './views/panel.ts';
import { resultView } from './views/result.ts';
import { setupView } from './views/setup.ts';
import { statusView } from './views/status.ts';
import { toolbarView } from './views/toolbar.ts';

const host = connectHost<PatchingPanelApi>();
const store: PanelStore = new Store(initialState, reduce);
const runner = new Runner(host, store);
let ink = readInk();

/** Says in the status what came of something that was asked for. */
function tell(answer: Promise<string>): void {
  const say = (text: string): void => store.dispatch({ kind: 'said', text });
  answer.then(say, (thrown: unknown) => say(sentence(CogscopeError.describe(thrown))));
}

const panel: Panel = {
  dispatch: store.dispatch,
  state: () => store.state,
  ink: () => ink,
  run: () => void runner.run(false),
  goOn: () => void runner.run(true),
  cancel: () => runner.cancel(),
  copy: (text) => tell(host.call('copy', { text }).then(() => `Copied ${text}`)),
  openHead: (address) => tell(host.call('openAttention', { address }).then(() => '')),
  showDiff: () => {
    const { run, inspectedPair } = store.state;
    const cell = cellOf(store.state);
    if (run && cell) tell(host.call('showDiff', { experiment: run.experiment, pair: inspectedPair, address: cell.address }).then(() => ''));
  },
  chooseVector: () => tell(host.call('chooseDirection', {}).then((path) => {
    if (path !== null) store.dispatch({ kind: 'form', change: { vector: path } });
    return '';
  })),
  showCode: (language) => {
    const experiment = experimentOf(store.state.form, '');
    tell(experiment ? host.call('showCode', { experiment, language }).then(() => '') : Promise.resolve('A number in this experiment cannot be read, so it cannot be shown as code'));
  },
  openHistory: (id) => tell(host.call('openHistory', { id }).then(() => '')),
  // The host tells it as an experiment before it answers.
  rerunHistory: (id) => tell(host.call('openHistory', { id }).then(() => {
    void runner.run(false);
    return '';
  })),
  compareHistory: () => tell(compareHistory(host, store)),
  command: (name) => tell(host.call('command', { name }).then(() => '')),
  save: (format) => tell(saveResult({ host, state: store.state, palette: ink.diverging }, format)),
  say: (text) => status.say(text),
};

/** CSS pixels: air beside what is shown, the lines above it, and the height that pictures may take even where the form leaves less. */
const [AIR, ABOVE, COMFORTABLE] = [32, 110, 320];

const scroller = h('div', { class: 'scroll' });
const room = (): Room => ({ width: scroller.clientWidth - AIR, height: Math.max(scroller.clientHeight - setup.element.offsetHeight - ABOVE, COMFORTABLE) });

const [toolbar, notices, setup, status, help] = [toolbarView(panel), noticesView(panel), setupView(panel), statusView(panel), helpView(panel)];
const [result, cell, history] = [resultView(panel, room), cellView(panel, room), historyView(panel)];
scroller.append(setup.element, result.element, cell.element, history.element);
document.getElementById('root')?.append(toolbar.element, notices.element, scroller, status.element, help.element);

/** The ends of the scale, for what is styled rather than painted. */
function colourEnds(): void {
  document.getElementById('root')?.style.setProperty('--below', cssColour(ink.diverging.colours[divergingLevel(-1, 1)] ?? ink.diverging.theme.accent));
}
colourEnds();

let drawn: State | null = null;
let scheduled = false;

function draw(): void {
  const [state, previous] = [store.state, drawn];
  drawn = state;
  for (const view of [toolbar, notices, setup, result, cell, history, status, help]) view.update(state, previous);
  if (previous?.inspecting === false && state.inspecting) cell.element.scrollIntoView({ block: 'nearest' });
  // The focus follows what was opened or closed, unless a field has it.
  if (previous && previous.table !== state.table && !document.activeElement?.closest('vscode-text-area, vscode-text-field')) result.focus();
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

store.listen((state, previous) => {
  // The next key belongs to what was opened, so the focus goes there at once.
  if (state.table !== previous.table) draw();
  else redraw(false);
});
tokenizeWhileTyping(host, store);
rememberState(host, store);
inspectSelected(host, store);
followHistory(host, store);
onThemeChange(() => {
  ink = readInk();
  colourEnds();
  redraw(true);
});
new ResizeObserver(() => redraw(true)).observe(scroller);
document.addEventListener('keydown', panelKeys(panel, { runOn: () => void runner.runOn(), focusFilter: () => result.focusFilter() }));
host.on('model', (model) => store.dispatch({ kind: 'model', model }));
host.on('experiment', ({ run, ...shown }) => {
  store.dispatch({ kind: 'shown', shown });
  if (run) void runner.run(false);
});

void host.call('ready', {}).then(({ experiment, source, outcome, ...model }) => {
  store.dispatch({ kind: 'restored', kept: readKept(keptState()), shown: { experiment, source, outcome } });
  store.dispatch({ kind: 'model', model });
});
redraw(true);
