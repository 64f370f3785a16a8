/** What the kinds of experiments have of their own. */
import type { Ablation, Experiment, ExperimentKind, PathPatching, Patching, Steering, SweepOf, Tracing } from './experiment.ts';
import { headPart, isAddress, sameCell } from './cellAddress.ts';
import { isNumber } from './fields.ts';
import type { Fields } from './fields.ts';
import { ablationNames, defaults, differenceNames, directionNames, mlpNames } from './kinds.ts';
import { oneOf, quoted } from './problem.ts';
import { byNames, siteNames, sites, tracedSites, usualBy, usualSites } from './sites.ts';

type Own<T extends Experiment> = Omit<T, 'model' | 'pairs' | 'metric' | 'position' | 'special' | 'expect'>;

export function readOwn(fields: Fields, kind: ExperimentKind): Own<Patching> | Own<Tracing> | Own<Ablation> | Own<PathPatching> | Own<Steering> {
  switch (kind) {
    case 'activation-patching':
      return { kind, direction: fields.choice('direction', directionNames, defaults.direction), ...readSweep(fields, kind) };
    case 'causal-tracing':
      return readTracing(fields);
    case 'ablation':
      return {
        kind,
        ablate: fields.choice('ablate', ablationNames, defaults.ablate),
        seed: fields.number('seed', defaults.seed, { least: 0, whole: true }),
        together: readAddresses(fields, 'together', []),
        ...readSweep(fields, kind),
      };
    case 'path-patching':
      return readPaths(fields);
    case 'steering':
      return readSteering(fields);
    default:
      return kind satisfies never;
  }
}

function readSweep(fields: Fields, kind: 'activation-patching' | 'ablation'): SweepOf {
  const usual = kind === 'ablation' ? 'head' : 'position';
  const wanted = fields.choice('by', byNames, usual);
  const list = fields.choices('sites', siteNames, usualSites(wanted));
  const by = fields.has('by') ? wanted : fields.has('sites') ? usualBy(list) : usual;
  for (const site of list.filter((one) => !sites[one].by.includes(by))) {
    const todo = `Take it by ${oneOf(sites[site].by)}${list.length > 1 ? ', in an experiment of its own' : ''}`;
    fields.note(fields.has('by') ? '/by' : '/sites', `${site} is ${sites[site].what}, which cannot be taken by "${by}"`, todo);
  }
  if (!fields.has('layers')) return { sites: list, by };
  const layers = fields.list('layers', [], 'a list of layers', (value, pointer) => {
    if (isNumber(value, { least: 0, whole: true })) return value;
    fields.note(pointer, `A layer is a whole number from 0, not ${quoted(value)}`, 'Write for instance [0, 1]');
    return undefined;
  });
  return { sites: list, by, layers: [...new Set(layers)] };
}

function readTracing(fields: Fields): Own<Tracing> {
  const noise = fields.child('noise', 'an object such as {"sigma": 3, "samples": 10, "seed": 0, "subject": "…"}');
  noise?.only(['sigma', 'samples', 'seed', 'subject']);
  const sigma = noise?.number('sigma', defaults.sigma, { least: 0 }) ?? defaults.sigma;
  if (sigma === 0) noise?.wrong('sigma', 'a number above 0', `Write for instance ${defaults.sigma}`);
  return {
    kind: 'causal-tracing',
    sites: fields.choices('sites', tracedSites, tracedSites),
    sigma,
    samples: noise?.number('samples', defaults.samples, { least: 1, most: 10_000, whole: true }) ?? defaults.samples,
    seed: noise?.number('seed', defaults.seed, { least: 0, whole: true }) ?? defaults.seed,
    subject: noise?.text('subject', '') ?? '',
    window: fields.number('window', defaults.window, { least: 1, whole: true }),
  };
}

function readPaths(fields: Fields): Own<PathPatching> {
  const receivers = readAddresses(fields, 'receivers', defaults.receivers, isReceiver, 'a head’s input (L5H1.q, L5H1.k, L5H1.v) or "logits"');
  const mlps = fields.choice('mlps', mlpNames, defaults.mlps);
  return {
    kind: 'path-patching',
    direction: fields.choice('direction', directionNames, defaults.direction),
    senders: readAddresses(fields, 'senders', [], isSender, 'a head (L4H4) or an MLP (L4.mlp_out)'),
    receivers,
    ...(mlps === 'recomputed' ? { mlps } : {}),
  };
}

function readSteering(fields: Fields): Own<Steering> {
  const nothing = { kind: 'steering', address: '', direction: '', scales: [] } as const;
  const example = 'Write {"address": "blocks.3.hook_resid_post", "direction": "FILE.safetensors", "scale": 4}';
  if (!fields.has('steer')) fields.missing('steer', 'it says which direction is added where', example);
  const steer = fields.child('steer', 'an object with "address", "direction" and "scale"');
  if (steer === undefined) return nothing;
  steer.only(['address', 'direction', 'from', 'position', 'scale']);
  if (!steer.has('address')) steer.missing('address', 'it says where the direction is added', example);
  if (!steer.has('direction') && !steer.has('from')) steer.missing('direction', 'it is the file with the direction', `${example}, or "from": "clean - corrupted" instead of a file`);
  const address = steer.text('address', '');
  if (address !== '' && !isAddress(address)) steer.note(steer.at('address'), `${quoted(address)} is no address`, 'Write for instance "blocks.3.hook_resid_post"');
  return { kind: 'steering', address, direction: readDirection(steer), scales: readScales(steer) };
}

/** A file's path, or what prompts differ by. */
function readDirection(steer: Fields): Steering['direction'] {
  if (steer.has('from')) {
    if (steer.has('direction')) steer.note(steer.at('direction'), 'The direction is a file and what prompts differ by at once', 'Take "direction" out, or "from"');
    const from = steer.choice('from', differenceNames, 'clean - corrupted');
    return { from, position: steer.get('position') === 'mean' ? 'mean' : readPosition(steer) };
  }
  if (steer.has('position')) steer.note(steer.at('position'), '"position" says where prompts are read, and the direction is a file', 'Take it out; an address takes a position behind it, as blocks.3.hook_resid_post@7');
  const direction = steer.text('direction', '');
  if (direction !== '' && !/\.(safetensors|npy)$/i.test(direction)) steer.note(steer.at('direction'), `The direction’s file is ${quoted(direction)}, which is neither .safetensors nor .npy`, 'Save it as one of them');
  return direction;
}

function readPosition(steer: Fields): number {
  const value = steer.has('position') ? steer.get('position') : defaults.readAt;
  if (isNumber(value, { whole: true })) return value;
  steer.wrong('position', 'a whole number or "mean"', `Write for instance ${defaults.readAt}, the last one`);
  return defaults.readAt;
}

function readScales(steer: Fields): readonly number[] {
  if (!Array.isArray(steer.get('scale'))) return [steer.number('scale', defaults.scale)];
  const scales = steer.list('scale', [], 'a number or a list of numbers', (value, pointer) => {
    if (isNumber(value)) return value;
    steer.note(pointer, `A scale is a number, not ${quoted(value)}`, 'Write for instance [-4, 4]');
    return undefined;
  });
  return [...new Set(scales)];
}

const isSender = (text: string): boolean => headPart(sameCell(text))?.part === null || /\.hook_mlp_out(@-?\d+)?$/.test(sameCell(text));
const isReceiver = (text: string): boolean => text === 'logits' || ['q', 'k', 'v'].includes(headPart(text)?.part ?? '');

function readAddresses(fields: Fields, key: string, fallback: readonly string[], fits = isAddress, takes = 'an address such as L4H4 or L4.mlp_out'): readonly string[] {
  // An empty list says what leaving the key out says.
  if (Array.isArray(fields.get(key)) && (fields.get(key) as readonly unknown[]).length === 0 && fallback.length === 0) return fallback;
  const list = fields.list(key, fallback, 'a list of addresses', (value, pointer) => {
    if (typeof value === 'string' && fits(value)) return value;
    fields.note(pointer, `An entry of "${key}" is ${takes}, not ${quoted(value)}`, 'Change it, or take it out');
    return undefined;
  });
  return [...new Set(list)];
}
