/** From the addresses that a person asks for to tensors, and to the part of each that was meant. */
import { canonicalOf, globMatcher, parseShort } from '../../shared/addresses.ts';
import type { ShortAddress } from '../../shared/addresses.ts';
import { CogscopeError } from '../../shared/errors.ts';
import type { AddressEntry } from '../anatomy/addresses.ts';
import type { CanonicalArray } from '../anatomy/canonical.ts';
import type { Atom } from '../anatomy/types.ts';
import type { ModelSession } from '../session.ts';
import type { TowerTokens } from './prompt.ts';

/** One index along one axis; negative counts from the end. The axis goes. */
interface Pick {
  readonly axis: 'head' | 'neuron' | 'channel' | 'position';
  readonly index: number;
}

export interface Tap {
  /** As it was asked for; what a glob finds, under its address. */
  readonly name: string;
  readonly entry: AddressEntry;
  readonly picks: readonly Pick[];
}

/**
 * Short forms (`L5H3` is that head's z, `L3N1234` that neuron's activation, `L4.resid_post`), addresses and globs, each with
 * `:17` for one channel and `@7` for one position. Throws 'usage' for one that points at nothing.
 */
export function findTaps(session: ModelSession, asked: readonly string[]): readonly Tap[] {
  const taps = new Map<string, Tap>();
  for (const text of asked) {
    const short = parseShort(text);
    for (const tap of short ? [shortTap(session, text, short)] : globTaps(session, text)) taps.set(tap.name, tap);
  }
  return [...taps.values()];
}

const LIST = 'List them with "cogscope inspect --addresses"';

function shortTap(session: ModelSession, text: string, short: ShortAddress): Tap {
  const address = canonicalOf(short);
  const entry = address === undefined ? undefined : session.entry(address);
  if (!entry) throw session.refusalOf((candidate) => candidate === address) ?? new CogscopeError('usage', `No address of this model is "${text}"`, LIST);
  const part: readonly Pick[] = short.kind === 'head' ? [{ axis: 'head', index: short.head }] : short.kind === 'neuron' ? [{ axis: 'neuron', index: short.neuron }] : [];
  return { name: text, entry, picks: [...part, ...(short.position === null ? [] : [{ axis: 'position' as const, index: short.position }])] };
}

function globTaps(session: ModelSession, text: string): readonly Tap[] {
  const [, glob = text, channel, at] = /^(.+?)(?::(\d{1,7}))?(?:@(-?\d{1,7}))?$/.exec(text) ?? [];
  const fits = globMatcher(glob);
  const found = session.addresses.filter((entry) => fits(entry.address));
  if (found.length === 0) throw session.refusalOf(fits) ?? new CogscopeError('usage', `No address of this model matches "${glob}"`, LIST);
  const picks: readonly Pick[] = [
    ...(channel === undefined ? [] : [{ axis: 'channel' as const, index: Number(channel) }]),
    ...(at === undefined ? [] : [{ axis: 'position' as const, index: Number(at) }]),
  ];
  return found.map((entry) => ({ name: `${entry.address}${text.slice(glob.length)}`, entry, picks }));
}

/** Throws 'usage' where a tap points outside what is known before the run: heads, neurons, positions of its tower's prompt. */
export function checkTaps(session: ModelSession, taps: readonly Tap[], tokens: TowerTokens): void {
  for (const { name, entry, picks } of taps) {
    for (const { axis } of picks) {
      if (!entry.axes.some((atom) => axesOf[axis].includes(atom))) throw new CogscopeError('usage', `"${name}" asks for one ${axis} of a tensor that has none: its axes are ${entry.axes.join(', ')}`, LIST);
    }
    const convolution = entry.tower.convolutions.find(({ output }) => output === entry.place);
    const block = session.anatomy.towers.flatMap((tower) => tower.blocks).find(({ attention, cross, mlp }) => [attention?.z, cross?.z, mlp?.post].includes(entry.place));
    const sizes: Readonly<Record<Pick['axis'], number | null | undefined>> = { head: (block?.cross?.z === entry.place ? block.cross : block?.attention)?.heads, neuron: block?.mlp?.neurons, channel: convolution?.channels, position: tokens.get(entry.tower.name)?.length };
    for (const pick of picks) placeIn(name, pick, sizes[pick.axis] ?? Infinity);
  }
}

function placeIn(name: string, { axis, index }: Pick, size: number): number {
  const place = index < 0 ? size + index : index;
  if (place < 0 || place >= size) throw new CogscopeError('usage', `There is no ${axis} ${index} at "${name}"`, size === 1 ? 'The only one is 0' : `Choose 0 to ${size - 1}`);
  return place;
}

const axesOf: Readonly<Record<Pick['axis'], readonly Atom[]>> = { head: ['head', 'kv'], neuron: ['neuron'], channel: ['channel'], position: ['pos', 'dest', 'src'] };

/** The part of a tap's tensor that was meant. Throws 'usage' where an index is outside. */
export function pickFrom(tap: Tap, array: CanonicalArray): CanonicalArray {
  let axes: readonly Atom[] = tap.entry.axes;
  let picked = array;
  for (const pick of tap.picks) {
    const at = axes.findIndex((atom) => axesOf[pick.axis].includes(atom));
    picked = along(picked, at, placeIn(tap.name, pick, picked.shape[at] ?? 0));
    axes = axes.filter((_, one) => one !== at);
  }
  return picked;
}

function along({ shape, data }: CanonicalArray, axis: number, index: number): CanonicalArray {
  const size = shape[axis] ?? 1;
  const inner = shape.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  const outer = shape.slice(0, axis).reduce((product, dim) => product * dim, 1);
  const result = new Float32Array(outer * inner);
  for (let row = 0; row < outer; row++) result.set(data.subarray((row * size + index) * inner, (row * size + index + 1) * inner), row * inner);
  return { shape: shape.filter((_, at) => at !== axis), data: result };
}

/** Arrays of several prompts on one batch axis, the first. Throws 'usage' where they differ in another. */
export function stackRows(name: string, arrays: readonly CanonicalArray[]): CanonicalArray {
  const [first] = arrays;
  if (!first) throw new CogscopeError('internal', `"${name}" was not kept`);
  if (arrays.length === 1) return first;
  const rest = first.shape.slice(1);
  if (arrays.some(({ shape }) => shape.slice(1).join() !== rest.join())) {
    throw new CogscopeError('usage', `"${name}" has another shape for each prompt`, 'Give prompts of one length');
  }
  const data = new Float32Array(arrays.reduce((sum, array) => sum + array.data.length, 0));
  let at = 0;
  for (const array of arrays) {
    data.set(array.data, at);
    at += array.data.length;
  }
  return { shape: [arrays.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0), ...rest], data };
}
