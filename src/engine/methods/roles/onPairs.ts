/** Roles that are tested on pairs of prompts with two names (Wang et al. 2022): the answer, and the other name, which stands twice. */
import type { Ablation, Experiment, PathPatching } from '../../../shared/experiment/experiment.ts';
import { pairsRoles } from '../../../shared/roles/roles.ts';
import type { HeadNumbers, PairsProtocol, PairsRole, RoleFinding } from '../../../shared/roles/roles.ts';
import { findingOf, isScale, lowering, scaleOf, takenOver } from '../../analysis/roles/judge.ts';
import type { Scale } from '../../analysis/roles/judge.ts';
import { namedPlaces } from '../../analysis/roles/names.ts';
import type { NamedPlaces } from '../../analysis/roles/names.ts';
import { detectionAt, elsewhere } from '../../analysis/roles/places.ts';
import type { Detection } from '../../analysis/scores/detections.ts';
import { drawn } from '../../analysis/scores/repeated.ts';
import { predictingTower } from '../../program/chain.ts';
import type { ModelSession } from '../../session.ts';
import { readPairs } from '../experiment/pairs.ts';
import type { Pair } from '../experiment/pairs.ts';
import { mulberry32 } from '../../../shared/experiment/random.ts';
import { lookAt } from './looks.ts';
import type { Look, Looks } from './looks.ts';
import { lossesOf } from './losses.ts';
import type { Lost } from './losses.ts';
import { lossesBeside } from './beside.ts';
import type { Watch } from './watch.ts';

export type PairsSource = Pick<Experiment, 'pairs' | 'position' | 'special'>;

/** What is looked at from the measured position: names, and drawn tokens. `first`: from the second mention of the other name to the first. */
type Looked = 'answer' | 'other' | 'second' | 'drawn' | 'drawn two' | 'first' | 'drawn before';

export interface OnPairs {
  readonly protocol: PairsProtocol | null;
  readonly findings: readonly RoleFinding[];
  readonly passes: number;
}

interface Telling {
  readonly seed: number;
  readonly watch: Watch;
}

/** No role of these can be tested. */
export const withoutPairs = (why: string): OnPairs => ({ protocol: null, findings: pairsRoles.map((role) => findingOf(role, why, [])), passes: 0 });

export async function rolesOnPairs(session: ModelSession, source: PairsSource, { seed, watch }: Telling, signal: AbortSignal): Promise<OnPairs> {
  const looks = looksOf(session, source, seed);
  if (typeof looks === 'string') return withoutPairs(looks);
  const attention = await lookAt(session, looks, watch.counting('looking where heads attend', looks.length), signal);
  const direct = await lossesOf(session, paths(source, ['logits']), watch.losses('patching paths to the logits'), signal);
  const without = await lossesOf(session, ablationOf(source, seed), watch.losses('running the pairs without each head'), signal);
  const scale = scaleOf(direct.clean);
  const untested = isScale(scale) ? null : 'the model does not prefer the answer to the other name, so there is nothing to lose without a head';
  const finding = (role: PairsRole, heads: readonly HeadNumbers[]): RoleFinding => findingOf(role, untested, heads);
  const movers = finding('name-mover', direct.heads.map((lost) => ({ ...preferenceOf(attention, lost.address), ...effectOf(lost, scale) })));
  const names = movers.heads.filter(({ holds }) => holds).map(({ address }) => address);
  const negative = finding('negative-name-mover', direct.heads.map((lost) => negativeNumbers(preferenceOf(attention, lost.address), effectOf(lost, scale))));
  const duplicate = finding('duplicate-name', without.heads.map((lost) => attending(attention, ['first', 'drawn before'], lost, scale)));
  const protocol = { pairs: looks.length, clean: scale.mean, error: scale.error };
  const passes = looks.length + direct.passes + without.passes;
  if (names.length === 0) {
    const none = (role: PairsRole): RoleFinding => findingOf(role, untested ?? 'no head is a name mover', []);
    return { protocol, findings: [duplicate, movers, negative, none('s-inhibition'), none('backup-name-mover')], passes };
  }
  const toQueries = await lossesOf(session, paths(source, names.map((name) => `${name}.q`)), watch.losses('patching paths to the queries of the name movers'), signal);
  const beside = await lossesBeside(session, { experiment: ablationOf(source, seed), silenced: names, looks }, watch.losses('running the pairs without the name movers and each head'), signal);
  const inhibition = finding('s-inhibition', toQueries.heads.map((lost) => attending(attention, ['second', 'drawn'], lost, scale)));
  const backup = finding('backup-name-mover', beside.heads.map((lost) => {
    const otherwise = without.heads.find(({ address }) => address === lost.address);
    const more = { address: lost.address, own: takenOver(lost.own, otherwise?.own ?? NaN), other: lost.other - (otherwise?.other ?? NaN) };
    return { ...preferenceOf(beside.attention, lost.address), ...effectOf(more, scale) };
  }));
  return { protocol, findings: [duplicate, movers, negative, inhibition, backup], passes: passes + toQueries.passes + beside.passes };
}

/** A sentence where these pairs do not name what is to be looked at. Throws 'usage' where they are no pairs of this model's. */
function looksOf(session: ModelSession, source: PairsSource, seed: number): readonly Look<Looked>[] | string {
  if (source.pairs.length < 2) return 'there is one pair only, and controls take the names of another';
  if (source.pairs.some(({ corrupted }) => corrupted === undefined)) return 'path patching takes a corrupted prompt for each pair';
  const uniform = mulberry32(seed);
  const looks: Look<Looked>[] = [];
  for (const [index, pair] of readPairs(session, paths(source, ['logits'])).entries()) {
    const look = lookOf(pair, predictingTower(session.anatomy)?.name ?? '', uniform);
    if (typeof look === 'string') return `in pair ${index + 1} ${look}`;
    looks.push(look);
  }
  return looks;
}

/** Tokens drawn for the controls of one prompt. */
const DRAWN = 3;

function lookOf({ clean, target, distractor, position }: Pair, tower: string, uniform: () => number): Look<Looked> | string {
  const tokens = clean.get(tower) ?? [];
  if (!target || !distractor) return 'no other name is given as the distractor';
  const places = namedPlaces(tokens, { target, distractor, position });
  if (typeof places === 'string') return places;
  const others = Array.from({ length: position }, (_, at) => at).filter((at) => !isNamed(places, at));
  if (others.length < DRAWN) return 'the prompt is too short for a control';
  const [one = 0, ...two] = drawn(others, DRAWN, uniform);
  const from = (dest: number, ...srcs: readonly number[]): Detection => detectionAt(tokens.length, srcs.map((src) => ({ dest, src })));
  const { answer, first, second } = places;
  const repeated = from(second, first);
  return {
    tokens: clean,
    at: {
      answer: from(position, answer), other: from(position, first, second), second: from(position, second), drawn: from(position, one), 'drawn two': from(position, ...two),
      first: repeated, 'drawn before': elsewhere(repeated, uniform),
    },
  };
}

const isNamed = ({ answer, first, second }: NamedPlaces, at: number): boolean => [answer, first, second].includes(at);

function paths({ pairs, position, special }: PairsSource, receivers: readonly string[]): PathPatching & { readonly direction: 'noise' } {
  return { kind: 'path-patching', model: '', pairs, metric: 'logit-difference', position, special, expect: [], direction: 'noise', senders: [], receivers };
}

function ablationOf({ pairs, position, special }: PairsSource, seed: number): Ablation {
  return { kind: 'ablation', model: '', pairs, metric: 'logit-difference', position, special, expect: [], sites: ['z'], by: 'head', ablate: 'mean', together: [], seed };
}

type Attention = Pick<HeadNumbers, 'address' | 'attention' | 'attentionControl'>;
type Effect = Pick<HeadNumbers, 'effect' | 'effectControl'>;

/** Attention to one place, and to a drawn one. */
function attending(looks: Looks<Looked>, [place, control]: readonly [Looked, Looked], lost: Lost, scale: Scale): HeadNumbers {
  return { address: lost.address, attention: looks.of(place, lost.address), attentionControl: looks.of(control, lost.address), ...effectOf(lost, scale) };
}

/** To the answer rather than to the other name. */
function preferenceOf(looks: Looks<Looked>, address: string): Attention {
  return { address, attention: looks.of('answer', address) - looks.of('other', address), attentionControl: looks.of('drawn', address) - looks.of('drawn two', address) };
}

const effectOf = ({ own, other }: Lost, { mean }: Scale): Effect => ({ effect: own / mean, effectControl: other / mean });

function negativeNumbers({ address, attention, attentionControl }: Attention, { effect, effectControl }: Effect): HeadNumbers {
  const control = lowering({ preference: attentionControl, effect });
  return { address, ...lowering({ preference: attention, effect }), attentionControl: control.attention, effectControl };
}
