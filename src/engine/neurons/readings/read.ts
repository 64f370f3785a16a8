/** The meanings of one neuron: its examples in groups by the state that it reads there, each named by what its tokens share. */
import type { NeuronMeanings } from '../../../shared/neurons/readings.ts';
import type { Background } from './background.ts';
import { cluster, dot, nearest } from './cluster.ts';
import { commonClass, readingOf, ruleOf } from './rules.ts';
import type { Rule } from './rules.ts';
import type { Features, Traits } from './traits.ts';

/** An example counts as firing from this share of the neuron's maximum on. */
export const FIRES = 0.25;
/** Groups are one meaning where a class of at most this rate in ordinary text holds for at least this share of each. */
const COMMON = { share: 0.85, base: 0.2 };
/** Groups with a smaller share are no meaning of their own. */
const LEAST_SHARE = 0.08;
/** Examples that a judgement on held-out ones needs. */
const ENOUGH = 12;

export interface Examples {
  readonly features: readonly Features[];
  /** [examples, width], of length 1: the state at each, less the layer's mean. */
  readonly states: Float32Array;
  readonly width: number;
  readonly activations: Float32Array;
}

export interface Meanings extends NeuronMeanings {
  /** Which reading each example belongs to. */
  readonly group: Uint8Array;
}

export interface Knowledge {
  readonly traits: Traits;
  readonly background: Background;
}

/** `from` chooses the tokens of ordinary text that the rules must not hold for. */
export function readMeanings(examples: Examples, knowledge: Knowledge, from: number): Meanings {
  const { features, activations } = examples;
  const found = groupsOf(examples, knowledge);
  const order = found.members.map((_, at) => at).sort((a, b) => (found.members[b]?.length ?? 0) - (found.members[a]?.length ?? 0) || a - b);
  const readings = order.map((at) => {
    const members = found.members[at] ?? [];
    const mean = members.reduce((sum, one) => sum + (activations[one] ?? 0), 0) / members.length;
    return readingOf(found.rules[at], members.map((one) => features[one] as Features), features.length, mean);
  });
  const group = new Uint8Array(features.length);
  order.forEach((at, reading) => found.members[at]?.forEach((one) => (group[one] = reading)));
  return { readings, meanings: readings.filter(({ rule }) => rule !== null).length, sure: sureness(examples, knowledge, from), group };
}

interface Groups {
  readonly centres: Float32Array;
  /** Of each cluster the group that it belongs to. */
  readonly groupOf: Uint8Array;
  readonly members: readonly (readonly number[])[];
  readonly rules: readonly (Rule | undefined)[];
}

/** Clusters, then those put together that one rare class is common to, that have the same rule, or that are too small. */
function groupsOf({ features, states, width }: Examples, { traits, background }: Knowledge): Groups {
  const { count, group, centres } = cluster(states, width);
  let groups = Array.from({ length: count }, (_, one): { readonly clusters: readonly number[]; readonly members: readonly number[] } => ({ clusters: [one], members: [...group.keys()].filter((point) => group[point] === one) }));
  const featuresOf = (members: readonly number[]): readonly Features[] => members.map((one) => features[one] as Features);
  const ruleFor = (members: readonly number[]): Rule | undefined => ruleOf(featuresOf(members), traits, background);
  const isOne = (a: readonly number[], b: readonly number[]): boolean => {
    if (Math.min(a.length, b.length) < LEAST_SHARE * features.length) return true;
    if (commonClass([featuresOf(a), featuresOf(b)], background, COMMON)) return true;
    const [ofA, ofB] = [ruleFor(a), ruleFor(b)];
    return JSON.stringify(ofA?.rule) === JSON.stringify(ofB?.rule);
  };
  for (let again = groups.length > 1; again;) {
    again = false;
    // The smallest first: it is put to the nearest where it is too small.
    groups.sort((a, b) => a.members.length - b.members.length);
    search: for (const [at, one] of groups.entries()) {
      const others = groups.slice(at + 1).sort((a, b) => closeness(centres, width, one.clusters, b.clusters) - closeness(centres, width, one.clusters, a.clusters));
      for (const other of others) {
        if (!isOne(one.members, other.members)) continue;
        const joined = { clusters: [...one.clusters, ...other.clusters], members: [...one.members, ...other.members].sort((a, b) => a - b) };
        groups = [...groups.filter((kept) => kept !== one && kept !== other), joined];
        again = groups.length > 1;
        break search;
      }
    }
  }
  groups = groups.filter(({ members }) => members.length > 0);
  const groupOf = new Uint8Array(count);
  groups.forEach(({ clusters }, at) => clusters.forEach((own) => (groupOf[own] = at)));
  return { centres, groupOf, members: groups.map(({ members }) => members), rules: groups.map(({ members }) => ruleFor(members)) };
}

function closeness(centres: Float32Array, width: number, a: readonly number[], b: readonly number[]): number {
  let most = -Infinity;
  for (const one of a) for (const other of b) most = Math.max(most, dot(centres, one * width, centres, other * width, width));
  return most;
}

/** Both ways between the two halves. */
function sureness(examples: Examples, knowledge: Knowledge, from: number): number | null {
  const count = examples.features.length;
  if (count < ENOUGH) return null;
  const halves = [0, 1].map((half) => Array.from({ length: count }, (_, at) => at).filter((at) => at % 2 === half)) as [number[], number[]];
  const [a, b] = [agreement(examples, halves[0], halves[1], knowledge, from), agreement(examples, halves[1], halves[0], knowledge, from)];
  return (a + b) / 2;
}

/**
 * Rules are made from one half. In the other, each example belongs to the group whose centre is nearest, and as many tokens of ordinary text to none; a rule
 * agrees where it holds for what belongs to its group, and none holds for ordinary text. With shuffled labels they would agree as often as the two go together by chance.
 */
function agreement(examples: Examples, made: readonly number[], heldOut: readonly number[], knowledge: Knowledge, from: number): number {
  const { features, states, width } = examples;
  const { centres, groupOf, rules } = groupsOf(part(examples, made), knowledge);
  const ordinary = knowledge.background.tokens;
  const NONE = rules.length;
  const items = [
    ...heldOut.map((at) => ({ features: features[at] as Features, label: groupOf[nearest(centres, states, at * width, width)] ?? 0 })),
    ...heldOut.map((_, at) => ({ features: ordinary[(from + at * 97) % ordinary.length] as Features, label: NONE })),
  ];
  const [labels, held] = [new Float64Array(NONE + 1), new Float64Array(NONE + 1)];
  let agreed = 0;
  for (const { features: own, label } of items) {
    let any = false;
    rules.forEach((rule, at) => {
      if (rule?.holds(own) !== true) return;
      any = true;
      held[at] = (held[at] as number) + 1;
      if (label === at) agreed++;
    });
    labels[label] = (labels[label] as number) + 1;
    if (any) continue;
    held[NONE] = (held[NONE] as number) + 1;
    if (label === NONE) agreed++;
  }
  const chance = labels.reduce((sum, count, at) => sum + (count / items.length) * ((held[at] as number) / items.length), 0);
  return chance < 1 ? (agreed / items.length - chance) / (1 - chance) : 0;
}

function part({ features, states, width, activations }: Examples, chosen: readonly number[]): Examples {
  const own = new Float32Array(chosen.length * width);
  chosen.forEach((at, index) => own.set(states.subarray(at * width, (at + 1) * width), index * width));
  return { features: chosen.map((at) => features[at] as Features), states: own, width, activations: Float32Array.from(chosen, (at) => activations[at] ?? 0) };
}
