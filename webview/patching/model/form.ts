/** What is typed, for all kinds at once, so that switching loses nothing; and the way from an experiment to it and back. */
import type { Ablation, By, DifferenceOf, Direction, Expectation, Experiment, ExperimentKind, Metric, PromptPair, Site, Steering, TokenSource, Tracing } from '../../../src/shared/experiment/experiment.ts';
import { defaults } from '../../../src/shared/experiment/kinds.ts';
import { tracedSites } from '../../../src/shared/experiment/sites.ts';
import { furtherOf, furtherPrompts } from './further.ts';
import type { Further } from './further.ts';
import { promptOf, promptText } from './promptText.ts';

export interface PairForm {
  /** Prompts and tokens are typed as ids. */
  readonly ids: boolean;
  readonly clean: string;
  readonly corrupted: string;
  readonly target: string;
  readonly distractor: string;
  /** Target and distractor are ids, also behind prompts of text. */
  readonly tokenIds: boolean;
  /** Causal tracing: the words whose embeddings are disturbed. */
  readonly subject: string;
  /** Prompts of further towers. */
  readonly further: Further;
}

/** Numbers and lists are kept as they are typed. */
export interface Form {
  readonly kind: ExperimentKind;
  readonly pairs: readonly PairForm[];
  readonly metric: Metric;
  readonly position: string;
  readonly special: boolean;
  readonly expect: readonly Expectation[];
  readonly direction: Direction;
  readonly sites: readonly Site[];
  readonly by: By;
  /** Empty: all. */
  readonly layers: string;
  readonly traced: Tracing['sites'];
  readonly sigma: string;
  readonly samples: string;
  readonly seed: string;
  readonly window: string;
  readonly ablate: Ablation['ablate'];
  readonly together: string;
  readonly senders: string;
  readonly receivers: string;
  readonly mlps: 'frozen' | 'recomputed';
  readonly address: string;
  /** What the direction is: in a file, or what the prompts differ by. */
  readonly vectorFrom: 'file' | DifferenceOf;
  /** Path of the direction's file. */
  readonly vector: string;
  /** The position at which prompts are read, or `mean`. */
  readonly vectorAt: string;
  readonly scales: string;
}

export const emptyPair: PairForm = { ids: false, clean: '', corrupted: '', target: '', distractor: '', tokenIds: false, subject: '', further: {} };

export const emptyForm: Form = {
  kind: 'activation-patching', pairs: [emptyPair], metric: 'logit-difference', position: String(defaults.position), special: defaults.special, expect: [],
  direction: defaults.direction, sites: ['resid_pre'], by: 'position', layers: '',
  traced: tracedSites, sigma: String(defaults.sigma), samples: String(defaults.samples), seed: String(defaults.seed), window: String(defaults.window),
  ablate: defaults.ablate, together: '', senders: '', receivers: defaults.receivers.join(', '), mlps: defaults.mlps, address: '', vectorFrom: 'file', vector: '', vectorAt: String(defaults.readAt), scales: String(defaults.scale),
};

/** An experiment as it is typed; what its kind does not have stays as it was. */
export function formOf(experiment: Experiment, before: Form = emptyForm): Form {
  const { kind, metric, position, special, expect } = experiment;
  const pairs = experiment.pairs.map((pair) => pairForm(pair, kind === 'causal-tracing' ? experiment.subject : ''));
  return { ...before, kind, metric, position: String(position), special, expect, pairs: pairs.length > 0 ? pairs : [emptyPair], ...ownForm(experiment) };
}

function pairForm({ clean, corrupted, target, distractor, subject, prompts }: PromptPair, all: string): PairForm {
  const ids = typeof clean !== 'string';
  return {
    ids, clean: promptText(clean), corrupted: promptText(corrupted ?? ''), target: String(target ?? ''), distractor: String(distractor ?? ''),
    tokenIds: ids || typeof target === 'number' || typeof distractor === 'number', subject: subject ?? all,
    further: furtherOf(prompts),
  };
}

function ownForm(experiment: Experiment): Partial<Form> {
  switch (experiment.kind) {
    case 'activation-patching':
      return { direction: experiment.direction, sites: experiment.sites, by: experiment.by, layers: (experiment.layers ?? []).join(', ') };
    case 'causal-tracing': {
      const { sites, sigma, samples, seed, window } = experiment;
      return { traced: sites, sigma: String(sigma), samples: String(samples), seed: String(seed), window: String(window) };
    }
    case 'ablation': {
      const { ablate, sites, by, layers, together, seed } = experiment;
      return { ablate, sites, by, layers: (layers ?? []).join(', '), together: together.join(', '), seed: String(seed) };
    }
    case 'path-patching':
      return { direction: experiment.direction, senders: experiment.senders.join(', '), receivers: experiment.receivers.join(', '), mlps: experiment.mlps ?? defaults.mlps };
    case 'steering':
      return { address: experiment.address, ...directionForm(experiment.direction), scales: experiment.scales.join(', ') };
    default:
      return experiment satisfies never;
  }
}

const directionForm = (direction: Steering['direction']): Partial<Form> =>
  (typeof direction === 'string' ? { vectorFrom: 'file', vector: direction } : { vectorFrom: direction.from, vectorAt: String(direction.position) });

/** Words between commas and white space. */
export const wordsOf = (text: string): readonly string[] => text.split(/[\s,;]+/).filter((word) => word !== '');

/** What is no number is NaN. */
export const numberOf = (text: string): number => (text.trim() === '' ? NaN : Number(text.trim().replace('\u2212', '-')));

/** The experiment that is typed, perhaps a draft. Null where a number in it cannot be read. `model` is the panel's own. */
export function experimentOf(form: Form, model: string): Experiment | null {
  const pairs = form.pairs.map((pair) => promptPair(pair, form.kind));
  const common = { model, metric: form.metric, position: numberOf(form.position), special: form.special, expect: form.expect };
  if (!Number.isSafeInteger(common.position) || pairs.includes(null)) return null;
  return ownExperiment(form, { ...common, pairs: pairs.filter((pair) => pair !== null) });
}

type Common = Pick<Experiment, 'model' | 'pairs' | 'metric' | 'position' | 'special' | 'expect'>;

function ownExperiment(form: Form, common: Common): Experiment | null {
  const { direction, sites, by } = form;
  const layers = wordsOf(form.layers).map(Number);
  const seed = numberOf(form.seed);
  const sweep = { sites, by, ...(layers.length > 0 ? { layers } : {}) };
  switch (form.kind) {
    case 'activation-patching':
      return areWhole(layers) ? { ...common, kind: form.kind, direction, ...sweep } : null;
    case 'causal-tracing': {
      const [sigma, samples, window] = [numberOf(form.sigma), numberOf(form.samples), numberOf(form.window)];
      if (!Number.isFinite(sigma) || !areWhole([samples, seed, window])) return null;
      return { ...common, ...subjects(common.pairs), kind: form.kind, sites: form.traced, sigma, samples, seed, window };
    }
    case 'ablation':
      return areWhole([...layers, seed]) ? { ...common, kind: form.kind, ablate: form.ablate, together: wordsOf(form.together), seed, ...sweep } : null;
    case 'path-patching':
      return { ...common, kind: form.kind, direction, senders: wordsOf(form.senders), receivers: wordsOf(form.receivers), ...(form.mlps === 'recomputed' ? { mlps: form.mlps } : {}) };
    case 'steering': {
      const scales = wordsOf(form.scales).map(numberOf);
      const steered = directionIn(form);
      return scales.every(Number.isFinite) && steered !== null ? { ...common, kind: form.kind, address: form.address.trim(), direction: steered, scales } : null;
    }
    default:
      return form.kind satisfies never;
  }
}

function directionIn({ vectorFrom, vector, vectorAt }: Form): Steering['direction'] | null {
  if (vectorFrom === 'file') return vector.trim();
  const position = vectorAt.trim() === 'mean' ? 'mean' : numberOf(vectorAt);
  return position === 'mean' || Number.isSafeInteger(position) ? { from: vectorFrom, position } : null;
}

const areWhole = (values: readonly number[]): boolean => values.every((value) => Number.isSafeInteger(value) && value >= 0);

/** One subject for all pairs stands in the experiment, others in their pairs. */
function subjects(pairs: readonly PromptPair[]): { readonly subject: string; readonly pairs: readonly PromptPair[] } {
  const [first] = pairs;
  if (!pairs.every(({ subject }) => subject === first?.subject)) return { subject: '', pairs };
  const others = (pair: PromptPair): PromptPair => Object.fromEntries(Object.entries(pair).filter(([key]) => key !== 'subject')) as unknown as PromptPair;
  return { subject: first?.subject ?? '', pairs: pairs.map(others) };
}

/** Null where ids cannot be read. */
function promptPair(pair: PairForm, kind: ExperimentKind): PromptPair | null {
  const [clean, corrupted] = [promptOf(pair.clean, pair.ids), promptOf(pair.corrupted, pair.ids)];
  const [target, distractor] = [tokenOf(pair.target, pair.tokenIds), tokenOf(pair.distractor, pair.tokenIds)];
  const prompts = furtherPrompts(pair.further);
  if (clean === null || corrupted === null || target === null || distractor === null || prompts === null) return null;
  return {
    clean,
    ...(corrupted.length === 0 && kind !== 'activation-patching' && kind !== 'path-patching' ? {} : { corrupted }),
    ...(target === '' ? {} : { target }),
    ...(distractor === '' ? {} : { distractor }),
    ...(pair.subject === '' || kind !== 'causal-tracing' ? {} : { subject: pair.subject }),
    ...(prompts === undefined ? {} : { prompts }),
  };
}

function tokenOf(text: string, isId: boolean): TokenSource | null {
  if (!isId || text.trim() === '') return isId ? '' : text;
  return /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : null;
}
