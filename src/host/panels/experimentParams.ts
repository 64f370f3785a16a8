/** An experiment as a panel sends it, perhaps a draft; what it says is for the engine to judge. Pure. */
import type { By, DifferenceOf, Direction, Expectation, Experiment, Metric, PathPatching, PromptDifference, PromptPair, PromptSource, Site, Steering, TokenSource, TowerName, TowerPrompts, Tracing } from '../../shared/experiment/experiment.ts';
import { flag, list, number, object, oneOf, orElse, text, union, whole, withOptional } from './check.ts';
import type { Check } from './check.ts';

/** A data set of pairs; each may be as long as a context. */
const PAIRS = 100_000;
const PROMPT_CHARACTERS = 1 << 20;
const PROMPT_TOKENS = 1 << 18;
const ADDRESS = 200;
const ADDRESSES = 100_000;
const LAYERS = 10_000;
const PATH = 4096;
const MANY = 0x7fffffff;

const address = text(ADDRESS);
const addresses = list(address, ADDRESSES);
const ids = list(whole(0, MANY), PROMPT_TOKENS);
const promptSource = orElse<PromptSource, string>(text(PROMPT_CHARACTERS), 'string', ids);
const tokenSource = orElse<TokenSource, string>(text(PROMPT_CHARACTERS), 'string', whole(0, MANY));

const towerPrompts = object<TowerPrompts>({ clean: promptSource, corrupted: promptSource });
const prompts = withOptional<object, Readonly<Record<TowerName, TowerPrompts>>>(object({}), { enc: towerPrompts, dec: towerPrompts, text: towerPrompts, vision: towerPrompts });

const pair = withOptional<Pick<PromptPair, 'clean'>, Required<Omit<PromptPair, 'clean'>>>(object({ clean: promptSource }), {
  corrupted: promptSource, target: tokenSource, distractor: tokenSource, subject: text(PROMPT_CHARACTERS), prompts,
});

type CellExpectation = Extract<Expectation, { readonly kind: 'cell' }>;

const expectation = union<Expectation>({
  cell: withOptional<Omit<CellExpectation, 'atLeast' | 'atMost'>, Required<Pick<CellExpectation, 'atLeast' | 'atMost'>>>(
    object({ kind: oneOf(['cell']), address, field: oneOf(['recovered', 'effect', 'metric']) }), { atLeast: number, atMost: number }),
  top: object({ kind: oneOf(['top']), top: whole(1, MANY), includes: addresses }),
});

const metric = oneOf<Metric>(['logit-difference', 'probability', 'kl', 'rank', 'loss']);
const direction = oneOf<Direction>(['denoise', 'noise']);
const site = oneOf<Site>(['resid_pre', 'resid_mid', 'resid_post', 'attn_out', 'mlp_out', 'z', 'q', 'k', 'v', 'pattern', 'mlp_post']);
const sites = list(site, 100);
const by = oneOf<By>(['position', 'head', 'head-position', 'head-dest-src', 'neuron', 'layer']);
const layers = { layers: list(whole(0, LAYERS), LAYERS) };

const common = {
  model: text(PATH), pairs: list(pair, PAIRS), metric, position: whole(-MANY, MANY), special: flag, expect: list(expectation, ADDRESSES),
};

const difference = object<PromptDifference>({
  from: oneOf<DifferenceOf>(['clean - corrupted', 'corrupted - clean']), position: orElse<number | 'mean', number>(whole(-MANY, MANY), 'number', oneOf(['mean'])),
});
const steered = orElse<Steering['direction'], string>(text(PATH), 'string', difference);

type Sweep<K extends Experiment['kind']> = Omit<Extract<Experiment, { readonly kind: K }>, 'layers'>;

export const experiment: Check<Experiment> = union<Experiment>({
  'activation-patching': withOptional(object<Sweep<'activation-patching'>>({ ...common, kind: oneOf(['activation-patching']), direction, sites, by }), layers),
  'causal-tracing': object<Tracing>({
    ...common, kind: oneOf(['causal-tracing']), sites: list(oneOf(['resid_post', 'mlp_out', 'attn_out']), 3),
    sigma: number, samples: whole(1, 100_000), seed: whole(0, MANY), subject: text(PROMPT_CHARACTERS), window: whole(1, LAYERS),
  }),
  ablation: withOptional(object<Sweep<'ablation'>>({
    ...common, kind: oneOf(['ablation']), ablate: oneOf(['zero', 'mean', 'resample']), together: addresses, seed: whole(0, MANY), sites, by,
  }), layers),
  'path-patching': withOptional<Omit<PathPatching, 'mlps'>, Required<Pick<PathPatching, 'mlps'>>>(
    object({ ...common, kind: oneOf(['path-patching']), direction, senders: addresses, receivers: addresses }), { mlps: oneOf(['recomputed']) }),
  steering: object({ ...common, kind: oneOf(['steering']), address, direction: steered, scales: list(number, 10_000) }),
});
