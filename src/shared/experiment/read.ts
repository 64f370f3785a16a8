/** From the JSON of an experiment's file to an {@link Experiment} with its defaults filled in, or to what is wrong with it (cli.md, "Experiment files"). */
import type { Experiment, ExperimentKind, PromptPair } from './experiment.ts';
import { Fields, isNumber, isObject } from './fields.ts';
import { commonKeys, defaults, kindNames, kinds, metricNames, needsCorrupted, VERSION } from './kinds.ts';
import { oneOf, quoted } from './problem.ts';
import type { Problem } from './problem.ts';
import { readExpectations } from './readExpectations.ts';
import { readOwn } from './readKinds.ts';
import { readPairLines, readPairList } from './readPairs.ts';
import type { PairLine, PairRules } from './readPairs.ts';

export type Reading =
  | { readonly kind: 'experiment'; readonly experiment: Experiment }
  /** All is well so far; the pairs stand in a file of lines, whose path is relative to the experiment's. */
  | { readonly kind: 'pairs'; readonly path: string; readonly withPairs: (lines: readonly PairLine[]) => Settled }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

export type Settled = Exclude<Reading, { readonly kind: 'pairs' }>;

export function readExperiment(json: unknown): Reading {
  const problems: Problem[] = [];
  if (!isObject(json)) return { kind: 'problems', problems: [{ pointer: '', what: `An experiment is an object, not ${quoted(json)}`, todo: 'Put its keys in curly brackets' }] };
  const fields = new Fields(json, '', problems);
  const kind = readHead(fields);
  if (kind === undefined) return { kind: 'problems', problems };
  fields.only([...commonKeys, ...kinds[kind].keys], (key) => foreign(kind, key));
  if (!fields.has('model')) fields.missing('model', 'it names the model that is run', 'Add its path, relative to this file');
  const common = {
    model: fields.text('model', ''),
    metric: fields.choice('metric', metricNames, kinds[kind].metric),
    position: fields.number('position', defaults.position, { whole: true }),
    special: fields.flag('special', defaults.special),
    expect: readExpectations(fields, kind, problems),
  };
  fields.text('$schema', '');
  const own = readOwn(fields, kind);
  const rules = { kind: kinds[kind].name, corrupted: needsCorrupted(own), metric: common.metric, subject: own.kind === 'causal-tracing' && own.subject === '' };
  const settle = (pairs: readonly PromptPair[], found: readonly Problem[]): Settled => {
    const lonely = own.kind === 'ablation' && own.ablate === 'resample' && pairs.length === 1 ? [LONELY] : [];
    return found.length > 0 || lonely.length > 0 ? { kind: 'problems', problems: [...found, ...lonely] } : { kind: 'experiment', experiment: { ...common, ...own, pairs } };
  };
  return readPairs({ fields, rules, problems, settle });
}

const LONELY: Problem = { pointer: '/ablate', what: '"resample" takes activations from another pair’s run, and there is one pair', todo: 'Add pairs, or ablate by "mean" or "zero"' };

interface PairsOf {
  readonly fields: Fields;
  readonly rules: PairRules;
  readonly problems: Problem[];
  readonly settle: (pairs: readonly PromptPair[], found: readonly Problem[]) => Settled;
}

function readPairs({ fields, rules, problems, settle }: PairsOf): Reading {
  const pairs = fields.get('pairs');
  if (Array.isArray(pairs)) return settle(readPairList(pairs, rules, problems), problems);
  if (typeof pairs === 'string' && pairs !== '' && problems.length === 0) {
    const withPairs = (lines: readonly PairLine[]): Settled => {
      const found: Problem[] = [];
      return settle(readPairLines(lines, rules, found), found);
    };
    return { kind: 'pairs', path: pairs, withPairs };
  }
  const example = 'Write [{"clean": "…", "corrupted": "…", "target": "…"}], or the path of a .jsonl file';
  if (!fields.has('pairs')) fields.missing('pairs', 'they are the prompts that are run', example);
  else if (typeof pairs !== 'string' || pairs === '') fields.wrong('pairs', 'a list of pairs or the path of a .jsonl file', example);
  return { kind: 'problems', problems };
}

/** The version and the kind, on which everything else depends. */
function readHead(fields: Fields): ExperimentKind | undefined {
  const version = fields.get('cogscope');
  if (isNumber(version) && version > VERSION) {
    fields.note('/cogscope', `The file was made by a newer version of Cogscope (format ${version}; this one reads ${VERSION})`, 'Update Cogscope');
    return undefined;
  }
  if (version === undefined) fields.missing('cogscope', 'it is the version of the format', `Add "cogscope": ${VERSION}`);
  else if (version !== VERSION) fields.wrong('cogscope', `the version of the format, which is ${VERSION}`, `Write "cogscope": ${VERSION}`);
  const kind = fields.get('kind');
  if (kind === undefined) {
    fields.missing('kind', 'it says what is changed in a run', `Add ${oneOf(kindNames)}`);
    return undefined;
  }
  fields.choice('kind', kindNames, 'activation-patching');
  return kindNames.find((name) => name === kind);
}

/** Why a key of another kind's has no place here. */
function foreign(kind: ExperimentKind, key: string): string | undefined {
  const owners = kindNames.filter((other) => kinds[other].keys.includes(key));
  return owners.length === 0 ? undefined : `"${key}" belongs to ${oneOf(owners)}, and this is ${kinds[kind].name}`;
}
