/** What is run: prompts, target, kind, and what the kind has of its own. */
import './setup.css';
import '../../lib/controls.ts';
import { ablationNames, differenceNames, directionNames, kindNames, metricNames, mlpNames } from '../../../src/shared/experiment/kinds.ts';
import { byNames, siteNames, sites, tracedSites } from '../../../src/shared/experiment/sites.ts';
import { aboutIcon } from '../../lib/about.ts';
import { h } from '../../lib/dom.ts';
import { icon } from '../../lib/icons.ts';
import { tokenAt } from '../../lib/tokens/tokenWords.ts';
import type { Form } from '../model/form.ts';
import { asIds } from '../model/further.ts';
import { hasSite, pairOf, tokensOf } from '../model/read.ts';
import type { State, Typed } from '../model/state.ts';
import { kindWords, metricWords } from '../model/words.ts';
import { about } from './about.ts';
import { choiceField, severalField, textField } from './fields.ts';
import type { TextField } from './fields.ts';
import type { Panel, View } from './panel.ts';
import { pagerView } from './pager.ts';
import { promptsView } from './prompts.ts';

const always = (): boolean => true;
const isOf = (...kinds: readonly Form['kind'][]) => ({ form }: State): boolean => kinds.includes(form.kind);
const sweeps = isOf('activation-patching', 'ablation');

const steersBy = (isFile: boolean) => ({ form }: State): boolean => form.kind === 'steering' && (form.vectorFrom === 'file') === isFile;

const mlpWords: Readonly<Record<Form['mlps'], string>> = { frozen: 'frozen', recomputed: 'computed again' };
const vectorNames = ['file', ...differenceNames] as const;
const vectorWords: Readonly<Record<Form['vectorFrom'], string>> = { file: 'of a file', 'clean - corrupted': 'clean \u2212 corrupted', 'corrupted - clean': 'corrupted \u2212 clean' };
const directionWords: Readonly<Record<Form['direction'], string>> = { denoise: 'denoise', noise: 'noise' };
const ablateWords: Readonly<Record<Form['ablate'], string>> = { zero: 'by zero', mean: 'by the mean', resample: 'by another pair’s' };
const byWords: Readonly<Record<Form['by'], string>> = { position: 'position', head: 'head', 'head-position': 'head and position', 'head-dest-src': 'head and weight of its pattern', neuron: 'neuron', layer: 'layer' };

export function setupView(panel: Panel): View {
  const change = (form: Partial<Form>): void => panel.dispatch({ kind: 'form', change: form });
  const token = (field: 'target' | 'distractor', label: string, title: string): View => textField({
    label, title, shown: always, field, size: 'token', placeholder: field === 'target' ? 'one token' : 'optional',
    value: (state) => pairOf(state)[field], change: (value) => panel.dispatch({ kind: 'pair', change: { [field]: value } }), hint: (state) => tokenHint(state.typed[field]),
  });
  const subject = textField({
    field: 'subject', label: 'Subject', title: 'The words whose embeddings are disturbed', shown: isOf('causal-tracing'), size: 'text', placeholder: 'words of the clean prompt',
    value: (state) => pairOf(state).subject, change: (value) => panel.dispatch({ kind: 'pair', change: { subject: value } }),
    action: { label: 'Take selection', title: 'Take the words that are selected in the clean prompt', run: () => {
      const words = prompts.selection();
      if (words === '') panel.dispatch({ kind: 'said', text: 'Select the subject’s words in the clean prompt first' });
      else panel.dispatch({ kind: 'pair', change: { subject: words } });
    } },
  });
  const written = (field: TextField['field'] & keyof Form, rest: Omit<TextField, 'field' | 'value' | 'change'>): View =>
    textField({ ...rest, field, value: (state) => String(state.form[field]), change: (value) => change({ [field]: value }) });

  const kind = choiceField(panel, { label: 'Experiment', title: 'What is changed in a run', shown: always, key: 'kind', options: () => kindNames.map((name) => [name, kindWords[name]]) });
  const prompts = promptsView(panel);
  const special = h('vscode-checkbox', { title: 'Add the tokens that the tokenizer puts around a text', onchange: () => change({ special: special.checked }) }, 'Special tokens');
  const ids = h('vscode-checkbox', {
    title: 'Give token ids instead of text',
    onchange: () => {
      const pair = pairOf(panel.state());
      if (pair.ids !== ids.checked) panel.dispatch({ kind: 'pair', change: { ids: ids.checked, tokenIds: ids.checked, further: asIds(pair.further, ids.checked) } });
    },
  }, 'Token ids');
  const fields: readonly View[] = [
    token('target', 'Target', 'The token that should follow the clean prompt, with its space'),
    token('distractor', 'Distractor', 'The token that should follow the corrupted prompt; the logit difference is the target’s logit less its own'),
    choiceField(panel, { label: 'Metric', title: 'What each run is measured by', shown: always, key: 'metric', options: () => metricNames.map((name) => [name, metricWords[name]]) }),
    written('position', { label: 'Position', title: 'Whose logits are measured; negative counts from the end', shown: always, size: 'number' }),
    choiceField(panel, {
      label: 'Direction', title: 'Denoise puts the clean run’s activations into the corrupted run; noise puts the corrupted run’s into the clean one',
      shown: isOf('activation-patching', 'path-patching'), key: 'direction', options: () => directionNames.map((name) => [name, directionWords[name]]),
    }),
    choiceField(panel, {
      label: 'By', title: 'What one cell is', shown: sweeps, key: 'by', options: () => byNames.map((by) => [by, byWords[by]]),
    }),
    written('layers', { label: 'Layers', title: 'Which layers; all, where nothing stands here', shown: sweeps, size: 'number', placeholder: 'all' }),
    severalField(panel, {
      label: 'Sites', title: 'Which activations are replaced', shown: sweeps,
      options: (state) => siteNames.filter((site) => sites[site].by.includes(state.form.by) && (hasSite(state, site) || state.form.sites.includes(site))).map((site) => [site, sites[site].what]),
      chosen: (state) => state.form.sites, change: (chosen) => change({ sites: chosen }),
    }),
    subject,
    severalField(panel, {
      label: 'Sites', title: 'Which states are put back', shown: isOf('causal-tracing'), options: () => tracedSites.map((site) => [site, sites[site].what]),
      chosen: (state) => state.form.traced, change: (chosen) => change({ traced: chosen }),
    }),
    written('sigma', { label: 'Noise', title: 'Standard deviations of the token embeddings', shown: isOf('causal-tracing'), size: 'number' }),
    written('samples', { label: 'Samples', title: 'Samples of noise that are averaged', shown: isOf('causal-tracing'), size: 'number' }),
    written('window', { label: 'Window', title: 'How many layers of attn_out and mlp_out are put back at once', shown: isOf('causal-tracing'), size: 'number' }),
    choiceField(panel, { label: 'Ablate', title: 'What takes the place of an activation', shown: isOf('ablation'), key: 'ablate', field: 'ablate', options: () => ablationNames.map((name) => [name, ablateWords[name]]) }),
    written('together', { label: 'Together', title: 'Addresses that are ablated at once, as one more cell', shown: isOf('ablation'), size: 'text', placeholder: 'L0H1, L1H7' }),
    written('seed', { label: 'Seed', title: 'Of what is drawn by chance', shown: (state) => state.form.kind === 'causal-tracing' || (state.form.kind === 'ablation' && state.form.ablate === 'resample'), size: 'number' }),
    written('senders', { label: 'Senders', title: 'Heads and MLPs, each a cell; every head where nothing stands here', shown: isOf('path-patching'), size: 'text', placeholder: 'every head' }),
    written('receivers', { label: 'Receivers', title: 'What the senders reach: inputs of heads and the logits, all at once', shown: isOf('path-patching'), size: 'text', placeholder: 'L1H7.q, logits' }),
    choiceField(panel, { label: 'MLPs', title: 'MLPs between a sender and the receivers: frozen as heads are, or computed again from what the sender wrote', shown: isOf('path-patching'), key: 'mlps', options: () => mlpNames.map((name) => [name, mlpWords[name]]) }),
    written('address', { label: 'Address', title: 'Where the direction is added', shown: isOf('steering'), size: 'text', placeholder: 'blocks.3.hook_resid_post' }),
    choiceField(panel, { label: 'Direction', title: 'What is added: a vector in a file, or what the prompts differ by at the address, as a mean over the pairs', shown: isOf('steering'), key: 'vectorFrom', options: () => vectorNames.map((name) => [name, vectorWords[name]]) }),
    written('vector', {
      label: 'File', title: 'A .safetensors or .npy file with the direction', shown: steersBy(true), size: 'text', placeholder: 'direction.safetensors',
      action: { label: 'Choose…', title: 'Choose the file with the direction', run: panel.chooseVector },
    }),
    written('vectorAt', { label: 'Read at', title: 'The position at which the prompts are read, negative from the end, or mean', shown: steersBy(false), size: 'number' }),
    written('scales', { label: 'Multiples', title: 'Multiples of the direction; each is a cell', shown: isOf('steering'), size: 'token', placeholder: '\u22124, 4' }),
  ];
  const explained = kindNames.map((name) => [name, aboutIcon(about[name], (text) => panel.dispatch({ kind: 'said', text }))] as const);
  const pager = pagerView(panel);
  const show = (language: 'json' | 'python', label: string, title: string): HTMLElement => h('vscode-button', { appearance: 'icon', 'aria-label': label, title, onclick: () => panel.showCode(language) }, label);
  const code = h('span', { class: 'setup-code' }, icon('source'), show('json', 'JSON', 'Show as code: the experiment’s file'), show('python', 'Python', 'Show as code: the same for TransformerLens'));
  const element = h('section', { class: 'setup', 'aria-label': 'Experiment' },
    h('div', { class: 'setup-top' }, h('span', { class: 'setup-kind' }, kind.element, ...explained.map(([, icon]) => icon)), pager.element, h('span', { class: 'setup-options' }, special, ids), code),
    prompts.element,
    h('div', { class: 'fields' }, ...fields.map((field) => field.element)));

  return {
    element,
    update: (state, previous) => {
      for (const view of [kind, pager, prompts, ...fields]) view.update(state, previous);
      for (const [name, element] of explained) element.hidden = name !== state.form.kind;
      const pair = pairOf(state);
      if (ids.checked !== pair.ids) ids.checked = pair.ids;
      if (special.checked !== state.form.special) special.checked = state.form.special;
      special.hidden = pair.ids;
    },
  };
}

/** The token behind the text, where that tells more than the text. */
const tokenHint = (typed: Typed | null): string => {
  const tokens = tokensOf(typed);
  return tokens[0] ? `${tokenAt(tokens, 0).replace(/ @0$/, '')} id ${tokens[0].id}` : '';
};
