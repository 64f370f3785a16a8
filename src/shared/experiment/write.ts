/** An experiment back to the text of a file: what differs from what is taken anyway, in the order in which a person writes it. */
import type { Experiment, Expectation, PromptPair, Steering } from './experiment.ts';
import { defaults, kinds, VERSION } from './kinds.ts';
import { tracedSites, usualBy, usualSites } from './sites.ts';

export interface WriteOptions {
  /** Of the schema, for editors that have none of their own. */
  readonly schema?: string;
  /** The pairs' own file. */
  readonly pairs?: string;
}

type Json = Readonly<Record<string, unknown>>;

/** Also writes what a file may not hold, such as a pair without a target: it is said when the file is read. */
export function writeExperiment(experiment: Experiment, { schema, pairs }: WriteOptions = {}): string {
  const json: Json = {
    ...(schema === undefined ? {} : { $schema: schema }),
    cogscope: VERSION,
    model: experiment.model,
    kind: experiment.kind,
    pairs: pairs ?? experiment.pairs.map(pairJson),
    ...unless('metric', experiment.metric, kinds[experiment.kind].metric),
    ...unless('position', experiment.position, defaults.position),
    ...unless('special', experiment.special, defaults.special),
    ...ownJson(experiment),
    ...(experiment.expect.length === 0 ? {} : { expect: experiment.expect.map(expectationJson) }),
  };
  return `${pretty(json)}\n`;
}

const unless = (key: string, value: unknown, usual: unknown): Json => (JSON.stringify(value) === JSON.stringify(usual) ? {} : { [key]: value });

function pairJson({ clean, corrupted, target, distractor, subject, prompts }: PromptPair): Json {
  return { clean, ...unless('corrupted', corrupted, undefined), ...unless('target', target, undefined), ...unless('distractor', distractor, undefined), ...unless('subject', subject, undefined), ...(prompts === undefined ? {} : { prompts: promptsJson(prompts) }) };
}

/** One prompt for both runs stands once. */
const promptsJson = (prompts: NonNullable<PromptPair['prompts']>): Json =>
  Object.fromEntries(Object.entries(prompts).map(([name, { clean, corrupted }]) => [name, JSON.stringify(clean) === JSON.stringify(corrupted) ? clean : { clean, corrupted }]));

function ownJson(experiment: Experiment): Json {
  switch (experiment.kind) {
    case 'activation-patching':
      return { ...unless('direction', experiment.direction, defaults.direction), ...sweepJson(experiment, 'position') };
    case 'causal-tracing': {
      const { sites, sigma, samples, seed, subject, window } = experiment;
      const noise = { ...unless('sigma', sigma, defaults.sigma), ...unless('samples', samples, defaults.samples), ...unless('seed', seed, defaults.seed), ...unless('subject', subject, '') };
      return { ...unless('sites', sites, tracedSites), ...unless('noise', noise, {}), ...unless('window', window, defaults.window) };
    }
    case 'ablation':
      return { ...unless('ablate', experiment.ablate, defaults.ablate), ...sweepJson(experiment, 'head'), ...unless('together', experiment.together, []), ...unless('seed', experiment.seed, defaults.seed) };
    case 'path-patching':
      return { ...unless('direction', experiment.direction, defaults.direction), ...unless('senders', experiment.senders, []), ...unless('receivers', experiment.receivers, defaults.receivers), ...unless('mlps', experiment.mlps, undefined) };
    case 'steering': {
      const [first = defaults.scale, ...more] = experiment.scales;
      return { steer: { address: experiment.address, ...directionJson(experiment.direction), scale: more.length > 0 ? experiment.scales : first } };
    }
    default:
      return experiment satisfies never;
  }
}

const directionJson = (direction: Steering['direction']): Json =>
  (typeof direction === 'string' ? { direction } : { from: direction.from, ...unless('position', direction.position, defaults.readAt) });

/** `by` is left out only where the sites tell it, and both where they are the usual ones. */
function sweepJson({ sites, by, layers }: Extract<Experiment, { readonly sites: unknown; readonly by: unknown }>, usual: 'position' | 'head'): Json {
  const isUsual = by === usual && JSON.stringify(sites) === JSON.stringify(usualSites(usual));
  return { ...(isUsual ? {} : { sites, ...unless('by', by, usualBy(sites)) }), ...(layers === undefined ? {} : { layers }) };
}

function expectationJson(expectation: Expectation): Json {
  if (expectation.kind === 'top') return { top: expectation.top, includes: expectation.includes };
  const { address, field, atLeast, atMost } = expectation;
  return { address, [field]: { ...unless('atLeast', atLeast, undefined), ...unless('atMost', atMost, undefined) } };
}

const WIDTH = 120;

/** Two spaces a level; what fits on a line stands on one. */
function pretty(value: unknown, indent = ''): string {
  const flat = flatten(value);
  const isTop = indent === '';
  if (typeof value !== 'object' || value === null || (!isTop && indent.length + flat.length <= WIDTH)) return flat;
  const inner = `${indent}  `;
  if (Array.isArray(value)) return `[\n${value.map((item) => `${inner}${pretty(item, inner)}`).join(',\n')}\n${indent}]`;
  return `{\n${Object.entries(value).map(([key, item]) => `${inner}${JSON.stringify(key)}: ${pretty(item, inner)}`).join(',\n')}\n${indent}}`;
}

function flatten(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flatten).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value);
  return entries.length === 0 ? '{}' : `{ ${entries.map(([key, item]) => `${JSON.stringify(key)}: ${flatten(item)}`).join(', ')} }`;
}
