/** The attention panel: what a prompt's tokens attend to in every head, as the layers arrive. */
import '../lib/base.css';
import '../lib/page.css';
import './attention.css';
import { CogscopeError, sentence } from '../../src/shared/errors.ts';
import type { AttentionPanelApi } from '../../src/shared/protocol/panelApi.ts';
import { connectHost, keptState } from '../lib/connect.ts';
import { h } from '../lib/dom.ts';
import { onThemeChange } from '../lib/theme.ts';
import { Averager } from './effects/average.ts';
import { chooseImage } from './effects/chooseImage.ts';
import { compareRuns } from './effects/compare.ts';
import { runFirst } from './effects/example.ts';
import { predictChosen } from './effects/predict.ts';
import { rememberState } from './effects/remember.ts';
import { Runner } from './effects/run.ts';
import { scoreChosen } from './effects/score.ts';
import { saveShown, saveWrites } from './effects/save.ts';
import { tellShown } from './effects/show.ts';
import { Tiles } from './effects/tiles.ts';
import { Writes } from './effects/writes.ts';
import { readWritten } from './effects/written.ts';
import { tokenizeWhileTyping } from './effects/tokenize.ts';
import { panelKeys } from './keys.ts';
import { draftOf } from '../lib/text/prompt.ts';
import { readKept } from './model/kept.ts';
import { reduce } from './model/reduce.ts';
import type { PanelStore } from './model/reduce.ts';
import { isStale } from './model/read.ts';
import { initialState } from './model/state.ts';
import type { State } from './model/state.ts';
import { targetOf } from './model/written.ts';
import { Store } from '../lib/store.ts';
import { attentionView } from './views/attention.ts';
import type { Room } from './views/heads.ts';
import { averageSetView } from './views/averageSet.ts';
import { compareView } from './views/compare.ts';
import { imageView } from './views/image.ts';
import { helpView } from './views/help.ts';
import { readInk } from '../lib/color/ink.ts';
import { noticesView } from './views/notices.ts';
import type { Panel } from './views/panel.ts';
import { predictionsView } from './views/predictions.ts';
import { promptView } from './views/prompt.ts';
import { statusView } from './views/status.ts';
import { toolbarView } from './views/toolbar.ts';

const host = connectHost<AttentionPanelApi>();
const store: PanelStore = new Store(initialState, reduce);
const runner = new Runner(host, store);
const tiles = new Tiles(host, runner, () => ({ target: targetOf(store.state), isTyped: store.state.target !== '' }), () => redraw(false), (text) => store.dispatch({ kind: 'said', text }));
const averager = new Averager(host, store, runner);
const writes = new Writes(host, runner, () => redraw(false));
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
  tiles,
  writes,
  chooseImage: () => void chooseImage(host, store, runner),
  run: () => void runner.run(),
  runFirst: () => tell(runFirst(host, store, runner).then(() => '')),
  compare: () => (isStale(store.state) || store.state.run?.phase !== 'done' ? void runner.run() : store.dispatch({ kind: 'compareAsked' })),
  average: () => averager.ask(),
  pickPrompts: () => tell(averager.pick().then(() => '')),
  cancel: () => {
    averager.cancel();
    runner.cancel();
  },
  copy: (text) => tell(host.call('copy', { text }).then(() => `Copied ${text}`)),
  command: (name) => tell(host.call('command', { name }).then(() => '')),
  openSource: (source) => tell(host.call('openSource', { source }).then((found) => (found ? '' : `${source.file} is not in this workspace`))),
  save: (format) => tell(saveShown({ host, state: store.state, tiles, ink }, format)),
  saveWrites: (format, found) => tell(saveWrites({ host, state: store.state, tiles, ink }, found, format)),
  say: (text) => status.say(text),
};

/** CSS pixels: air around pictures, the line above them, and the height that a picture is given even where the prompt leaves less. */
const [AIR, TOP_LINE, COMFORTABLE] = [24, 32, 420];

const scroller = h('div', { class: 'scroll' });
/** Height of the prompt when pictures were last laid out: they do not follow it while somebody types. */
let asked = 0;
/** What the pictures may take: the width, and what is left below the prompt, but never too little. */
const room = (): Room => {
  const { clientWidth: width, clientHeight: height } = scroller;
  const rest = height - asked - TOP_LINE - AIR;
  return { width: width - AIR, height: Math.max(rest, Math.min(height - TOP_LINE - AIR, COMFORTABLE)), rest };
};

const [toolbar, notices, prompt, predictions, status, help] = [toolbarView(panel), noticesView(panel), promptView(panel), predictionsView(), statusView(panel), helpView(panel)];
const [image, compare, averageSet] = [imageView(panel), compareView(panel), averageSetView(panel)];
const attention = attentionView(panel, room);
const ask = h('div', { class: 'ask' }, h('div', {}, image.element, prompt.element, compare.element, averageSet.element), predictions.element);
scroller.append(ask, attention.element);
document.getElementById('root')?.append(toolbar.element, notices.element, scroller, status.element, help.element);

let drawn: State | null = null;
let scheduled = false;

function draw(): void {
  const [state, previous] = [store.state, drawn];
  drawn = state;
  for (const view of [toolbar, notices, image, prompt, compare, averageSet, predictions]) view.update(state, previous);
  const isTurned = previous !== null && (previous.place !== state.place || previous.table !== state.table);
  if (!previous || isTurned || previous.run?.serial !== state.run?.serial || previous.compare !== state.compare || previous.average !== state.average) asked = ask.offsetHeight;
  for (const view of [attention, status, help]) view.update(state, previous);
  // The focus follows what was opened or closed, unless a field has it.
  if (isTurned && !document.activeElement?.closest('vscode-text-area, vscode-text-field')) attention.focus();
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
  if (state.place !== previous.place || state.table !== previous.table) draw();
  else redraw(false);
});
tokenizeWhileTyping(host, store);
predictChosen(host, store, runner);
scoreChosen(host, store, runner);
readWritten(host, store, runner);
compareRuns(host, store, runner);
rememberState(host, store);
tellShown(host, store);
onThemeChange(() => {
  ink = readInk();
  redraw(true);
});
new ResizeObserver(() => redraw(true)).observe(scroller);
document.addEventListener('keydown', panelKeys(panel, () => attention.focusFilter()));
host.on('model', (model) => store.dispatch({ kind: 'model', model }));
host.on('prompt', ({ prompt: given }) => {
  store.dispatch({ kind: 'draft', change: draftOf(given, store.state.draft) });
  void runner.run();
});
host.on('reveal', ({ address }) => store.dispatch({ kind: 'reveal', address }));

void host.call('ready', {}).then(({ prompt: typed, address, open, image: chosen, ...model }) => {
  store.dispatch({ kind: 'restored', kept: readKept(keptState()), prompt: typed, address, image: chosen ?? null, ...(open === undefined ? {} : { open }) });
  store.dispatch({ kind: 'model', model });
});
