/** The panel of neurons: one neuron, what it fires on in the indexed texts, what it writes, and what it does on a text that is typed. */
import '../lib/base.css';
import '../lib/page.css';
import './neurons.css';
import { CogscopeError, sentence } from '../../src/shared/errors.ts';
import type { NeuronPanelApi } from '../../src/shared/protocol/panelApi.ts';
import { readInk } from '../lib/color/ink.ts';
import { connectHost, keptState } from '../lib/connect.ts';
import { h } from '../lib/dom.ts';
import { Store } from '../lib/store.ts';
import { onThemeChange } from '../lib/theme.ts';
import { askWhatIsChosen } from './effects/ask.ts';
import { runWhileTyping } from './effects/live.ts';
import { Loader } from './effects/load.ts';
import { rememberShown } from './effects/remember.ts';
import { neuronCsv } from './export/csv.ts';
import { figuresJson, neuronSvg } from './export/files.ts';
import { panelKeys } from './keys.ts';
import { readKept } from './model/kept.ts';
import { neuronsOf, stepNeuron } from './model/neurons.ts';
import { reduce } from './model/reduce.ts';
import type { PanelStore } from './model/reduce.ts';
import { initialState } from './model/state.ts';
import type { State } from './model/state.ts';
import { examplesView } from './views/examples.ts';
import { figuresView } from './views/figures.ts';
import { findView } from './views/find.ts';
import { hereView } from './views/here.ts';
import { histogramView } from './views/histogram.ts';
import { legendView } from './views/legend.ts';
import { liveView } from './views/live.ts';
import { noticesView } from './views/notices.ts';
import { outputsView } from './views/outputs.ts';
import type { Format, Panel } from './views/panel.ts';
import { readingsView } from './views/readings.ts';
import { similarView } from './views/similar.ts';
import { statusView } from './views/status.ts';
import { tableView } from './views/table.ts';
import { toolbarView } from './views/toolbar.ts';

const host = connectHost<NeuronPanelApi>();
const store: PanelStore = new Store(initialState, reduce);
const loader = new Loader(host, store);
const test = askWhatIsChosen(host, store);
let ink = readInk();

/** Says in the status what came of something that was asked for. */
function tell(answer: Promise<string>): void {
  const say = (text: string): void => store.dispatch({ kind: 'said', text });
  answer.then(say, (thrown: unknown) => say(sentence(CogscopeError.describe(thrown))));
}

async function save(format: Format): Promise<string> {
  const { figures, shades, similar: alike, model, address } = store.state;
  if (figures.kind !== 'there') return '';
  const similar = alike.kind === 'there' ? alike.value : undefined;
  const content = { csv: () => neuronCsv(figures.value, similar), json: () => figuresJson(figures.value, similar), svg: () => neuronSvg({ figures: figures.value, shades, similar, ink, title: model?.title ?? '' }) }[format]();
  const name = `${(model?.title ?? 'model').replace(/\.onnx$/, '')}-${address ?? 'neuron'}.${format}`;
  return (await host.call('save', { name, content })) ? `Saved ${name}` : '';
}

const panel: Panel = {
  dispatch: store.dispatch,
  state: () => store.state,
  ink: () => ink,
  step: (step) => {
    const { address, model } = store.state;
    const next = address === null ? undefined : stepNeuron(neuronsOf(model), address, step);
    if (next !== undefined) store.dispatch({ kind: 'address', address: next });
  },
  copy: (text) => tell(host.call('copy', { text }).then(() => `Copied ${text}`)),
  command: (name) => tell(host.call('command', { name }).then(() => '')),
  makeIndex: () => tell(host.call('makeIndex', {}).then(() => '')),
  test,
  openText: ({ file, record, offset, token }) => tell(host.call('openText', { file, record, offset, token }).then((found) => (found ? '' : `${file} is not there, or no text that the editor opens`))),
  save: (format) => tell(save(format)),
};

const [toolbar, notices, figures, live, readings, examples, table] = [toolbarView(panel), noticesView(panel), figuresView(panel), liveView(panel), readingsView(panel), examplesView(panel), tableView(panel)];
const legend = legendView(panel);
const [here, histogram, outputs, similar, find, status] = [hereView(panel), histogramView(panel), outputsView(panel), similarView(panel), findView(panel), statusView(panel)];
const views = [toolbar, notices, figures, legend, live, readings, examples, table, here, histogram, outputs, similar, find, status];
const main = h('div', { class: 'neuron-main' }, figures.element, live.element, legend.element, readings.element, examples.element, table.element);
const side = h('aside', { class: 'neuron-side', 'aria-label': 'Activations, output and other neurons' }, here.element, histogram.element, outputs.element, similar.element, find.element);
const scroller = h('div', { class: 'scroll' }, h('div', { class: 'neuron' }, main, side));
document.getElementById('root')?.append(toolbar.element, notices.element, scroller, status.element);

let drawn: State | null = null;
let scheduled = false;

function draw(): void {
  const [state, previous] = [store.state, drawn];
  drawn = state;
  examples.element.hidden = state.table;
  table.element.hidden = !state.table || state.figures.kind !== 'there';
  for (const view of views) view.update(state, previous);
  if (previous !== null && previous.address !== state.address) scroller.scrollTo({ top: 0 });
}

/** Draws with the browser's next frame; `whole` where colours are new. */
function redraw(whole: boolean): void {
  if (whole) drawn = null;
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    draw();
  });
}

store.listen(() => redraw(false));
runWhileTyping(host, store);
rememberShown(host, store);
onThemeChange(() => {
  ink = readInk();
  redraw(true);
});
document.addEventListener('keydown', panelKeys(panel, { focusAddress: toolbar.focusAddress, focusText: live.focus, focusFind: find.focus }));
host.on('model', (model) => store.dispatch({ kind: 'model', model }));
host.on('index', () => void loader.index());
host.on('reveal', ({ address }) => store.dispatch({ kind: 'address', address }));

void host.call('ready', {}).then(({ address, text, ...model }) => {
  store.dispatch({ kind: 'restored', kept: readKept(keptState()), address, text });
  store.dispatch({ kind: 'model', model });
});
