/** Experiments as files hold them, to begin with and change. */
export const patching = {
  cogscope: 1,
  model: 'stories.onnx',
  kind: 'activation-patching',
  pairs: [{ clean: 'Lily and Ben played. Ben gave a ball to', corrupted: 'Lily and Ben played. Lily gave a ball to', target: ' Lily', distractor: ' Ben' }],
};

export const tracing = { ...patching, kind: 'causal-tracing', noise: { subject: 'Ben' } };
export const ablation = { ...patching, kind: 'ablation' };
export const path = { ...patching, kind: 'path-patching', senders: ['L4H4'], receivers: ['L5H1.v'] };
export const steering = { ...patching, kind: 'steering', steer: { address: 'blocks.3.hook_resid_post', direction: 'kind.safetensors', scale: 4 } };

export const steeringByPrompts = { ...patching, kind: 'steering', steer: { address: 'blocks.3.hook_resid_post', from: 'corrupted - clean', scale: [1, 4] } };

/** Every key of each kind. */
export const full = {
  patching: { ...patching, $schema: 'x', metric: 'probability', position: -2, special: false, direction: 'noise', sites: ['z', 'pattern'], by: 'head-position', layers: [0, 3], expect: [{ address: 'L1H3', recovered: { atLeast: 0.5, atMost: 2 }, metric: { atLeast: -1 } }, { top: 3, includes: ['L1H3'] }] },
  tracing: { ...tracing, sites: ['mlp_out'], window: 4, noise: { sigma: 2.5, samples: 4, seed: 7, subject: 'Ben' } },
  ablation: { ...ablation, ablate: 'mean', sites: ['attn_out', 'mlp_out'], by: 'layer', seed: 3, together: ['L4H4', 'L4.mlp_out', 'L3N12', 'blocks.2.hook_attn_out', 'L4H4.pattern@-1,3'], expect: [{ address: 'L4H4', effect: { atMost: -0.1 } }] },
  path: { ...path, direction: 'noise', senders: ['L4H4', 'L4.mlp_out', 'blocks.2.hook_mlp_out'], receivers: ['L5H1.q', 'L5H1.k', 'L5H1.v@-1', 'logits'], mlps: 'recomputed' },
  steering: { ...steering, steer: { address: 'L3.resid_post', direction: 'kind.npy', scale: [-4, 4] } },
  steeringByPrompts: { ...steeringByPrompts, steer: { address: 'L4H4', from: 'clean - corrupted', position: 'mean', scale: 2 } },
  steeringAtPosition: { ...steeringByPrompts, steer: { address: 'L3.mlp_out@-1', from: 'clean - corrupted', position: -3, scale: 2 } },
};

const [asked] = patching.pairs;

/** An encoder's pairs, with prompts for its decoder: one for both runs, and one for each. */
export const towers = {
  ...patching,
  pairs: [{ ...asked, prompts: { dec: 'guten' } }, { ...asked, prompts: { dec: { clean: [1, 2], corrupted: [1, 3] } } }],
};

export interface BadFile {
  readonly name: string;
  readonly json: unknown;
  /** Pointer of each problem, with what it says. */
  readonly says: readonly (readonly [pointer: string, sentence: RegExp])[];
  /** False where a JSON schema cannot say it. */
  readonly schema?: false;
}

const pair = patching.pairs[0] ?? {};
const pairs = (change: object): object => ({ ...patching, pairs: [{ ...pair, ...change }] });
const without = (value: object, key: string): object => Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));

export const bad: readonly BadFile[] = [
  { name: 'a list', json: [patching], says: [['', /^An experiment is an object, not a list\. Put its keys/]] },
  { name: 'no version', json: without(patching, 'cogscope'), says: [['', /^"cogscope" is missing: it is the version of the format\. Add "cogscope": 1\.$/]] },
  { name: 'a newer version', json: { ...patching, cogscope: 2, kind: 'gradients' }, says: [['/cogscope', /made by a newer version of Cogscope \(format 2; this one reads 1\)\. Update Cogscope/]] },
  { name: 'a version that is none', json: { ...patching, cogscope: 'one' }, says: [['/cogscope', /^"cogscope" takes the version of the format, which is 1, not "one"/]] },
  { name: 'no kind', json: without(patching, 'kind'), says: [['', /^"kind" is missing: .* Add "activation-patching", "causal-tracing", "ablation", "path-patching" or "steering"/]] },
  { name: 'a mistyped kind', json: { ...patching, kind: 'activation-paching' }, says: [['/kind', /not "activation-paching"\. Did you mean "activation-patching"\?/]] },
  { name: 'no model', json: without(patching, 'model'), says: [['', /^"model" is missing: .* Add its path, relative to this file/]] },
  { name: 'a model that is no text', json: { ...patching, model: 7 }, says: [['/model', /^"model" takes a text that is not empty, not 7/]] },
  { name: 'a mistyped key', json: { ...patching, site: ['z'] }, says: [['/site', /^There is no key "site" here\. Did you mean "sites"\?/]] },
  { name: 'a key that is nowhere', json: { ...patching, temperature: 1 }, says: [['/temperature', /^There is no key "temperature" here\. Take it out: the keys here are \$schema, cogscope/]] },
  { name: 'a key with a slash and a tilde', json: { ...patching, 'a/b~c': 1 }, says: [['/a~1b~0c', /^There is no key "a\/b~c" here/]] },
  { name: 'a key that every object has', json: { ...patching, constructor: 1 }, says: [['/constructor', /^There is no key "constructor" here/]] },
  { name: 'a key of another kind', json: { ...patching, noise: { sigma: 3 } }, says: [['/noise', /^"noise" belongs to "causal-tracing", and this is activation patching\. Take it out/]] },
  { name: 'a mistyped metric', json: { ...patching, metric: 'logit-diference' }, says: [['/metric', /Did you mean "logit-difference"\?/]] },
  { name: 'a metric that is none', json: { ...patching, metric: 'accuracy' }, says: [['/metric', /^"metric" takes "logit-difference", .* or "loss", not "accuracy"\. Choose one of them/]] },
  { name: 'a position between two', json: { ...patching, position: 1.5 }, says: [['/position', /^"position" takes a whole number, not 1\.5/]] },
  { name: 'a flag in quotes', json: { ...patching, special: 'no' }, says: [['/special', /^"special" takes true or false, not "no"/]] },
  { name: 'no pairs', json: without(patching, 'pairs'), says: [['', /^"pairs" is missing: they are the prompts that are run/]] },
  { name: 'an empty list of pairs', json: { ...patching, pairs: [] }, says: [['/pairs', /^"pairs" holds no pair\. Write at least one/]] },
  { name: 'pairs that are none', json: { ...patching, pairs: 3 }, says: [['/pairs', /^"pairs" takes a list of pairs or the path of a \.jsonl file, not 3/]] },
  { name: 'a pair that is a text', json: { ...patching, pairs: ['Lily'] }, says: [['/pairs/0', /^A pair is an object/]] },
  { name: 'a pair with a mistyped key', json: pairs({ targt: ' Ben' }), says: [['/pairs/0/targt', /Did you mean "target"\?/]] },
  { name: 'a pair without its clean prompt', json: { ...patching, pairs: [without(pair, 'clean')] }, says: [['/pairs/0', /^"clean" is missing/]] },
  { name: 'patching without a corrupted prompt', json: { ...patching, pairs: [without(pair, 'corrupted')] }, says: [['/pairs/0', /^"corrupted" is missing: activation patching goes between two prompts/]] },
  { name: 'a metric of a token without the token', json: { ...patching, pairs: [without(pair, 'target')] }, says: [['/pairs/0', /^"target" is missing: the metric "logit-difference" is about one token\. Add .* or take the metric "kl"/]] },
  { name: 'a prompt of no ids', json: pairs({ clean: [] }), says: [['/pairs/0/clean', /^"clean" takes a text or a list of token ids/]] },
  { name: 'ids that are none', json: pairs({ clean: [1, -2] }), says: [['/pairs/0/clean', /^"clean" takes a text or a list of token ids, not a list/]] },
  { name: 'a target of several', json: pairs({ target: [' Lily'] }), says: [['/pairs/0/target', /^"target" takes one token as it would follow the prompt, or its id, not a list/]] },
  { name: 'a tower that is none', json: pairs({ prompts: { decoder: 'guten' } }), says: [['/pairs/0/prompts/decoder', /^There is no key "decoder" here\. Take it out: the keys here are enc, dec, text, vision/], ['/pairs/0/prompts', /^"prompts" names no tower/]] },
  { name: 'prompts that are no object', json: pairs({ prompts: 'guten' }), says: [['/pairs/0/prompts', /^"prompts" takes an object of prompts by tower, such as \{"dec": "…"\}, not "guten"/]] },
  { name: 'a tower without its corrupted prompt', json: pairs({ prompts: { dec: { clean: 'guten' } } }), says: [['/pairs/0/prompts/dec', /^"corrupted" is missing: it is the prompt of one of the two runs/]] },
  { name: 'a tower with a prompt that is none', json: pairs({ prompts: { dec: [0.5] } }), says: [['/pairs/0/prompts/dec', /^"dec" takes a text or a list of token ids/]] },
  { name: 'an empty target', json: pairs({ target: '' }), says: [['/pairs/0/target', /^"target" takes one token/]] },
  { name: 'tracing without a subject', json: without(tracing, 'noise'), says: [['/pairs/0', /^"subject" is missing: these are the words whose embeddings are disturbed/]], schema: false },
  { name: 'noise of nothing', json: { ...tracing, noise: { sigma: 0, subject: 'Ben' } }, says: [['/noise/sigma', /^"sigma" takes a number above 0, not 0/]] },
  { name: 'half a sample', json: { ...tracing, noise: { samples: 0.5, subject: 'Ben' } }, says: [['/noise/samples', /^"samples" takes a whole number from 1 to 10000, not 0\.5/]] },
  { name: 'a site that tracing does not have', json: { ...tracing, sites: ['z'] }, says: [['/sites/0', /^An entry of "sites" takes "resid_post", "mlp_out" or "attn_out", not "z"/]] },
  { name: 'a window of nothing', json: { ...tracing, window: 0 }, says: [['/window', /^"window" takes a whole number of 1 or more, not 0/]] },
  { name: 'a mistyped site', json: { ...patching, sites: ['resid_prae'] }, says: [['/sites/0', /Did you mean "resid_pre"\?/]] },
  { name: 'weights of what is no pattern', json: { ...patching, sites: ['z'], by: 'head-dest-src' }, says: [['/by', /^z is what each head read, .* cannot be taken by "head-dest-src"\. Take it by "head"/]] },
  { name: 'a weight of what is no pattern', json: { ...ablation, together: ['L4H4.q@7,3'] }, says: [['/together/0', /^An entry of "together" is an address .*, not "L4H4\.q@7,3"/]] },
  { name: 'no sites', json: { ...patching, sites: [] }, says: [['/sites', /^"sites" is an empty list, and takes a list of "resid_pre".*\. Write at least one entry, or take it out\.$/]] },
  { name: 'no expectation', json: { ...patching, expect: [] }, says: [['/expect', /^"expect" is an empty list, and takes a list of expectations\. Write at least one entry, or take it out\.$/]] },
  { name: 'an expectation that is no list', json: { ...patching, expect: { top: 1 } }, says: [['/expect', /^"expect" takes a list of expectations, not an object\. Put at least one in square brackets\.$/]] },
  { name: 'the stream by head', json: { ...patching, sites: ['resid_pre'], by: 'head' }, says: [['/by', /^resid_pre is the residual stream before the block, which cannot be taken by "head"\. Take it by "position" or "layer"\.$/]] },
  { name: 'neurons of heads', json: { ...patching, sites: ['z', 'mlp_post'], by: 'neuron' }, says: [['/by', /^z is what each head read.* Take it by "head", .* in an experiment of its own/]] },
  { name: 'a layer below the first', json: { ...patching, layers: [-1] }, says: [['/layers/0', /^A layer is a whole number from 0, not -1/]] },
  { name: 'a mistyped direction', json: { ...patching, direction: 'denoising' }, says: [['/direction', /Did you mean "denoise"\?|Choose one of them/]] },
  { name: 'resampling from nobody', json: { ...ablation, ablate: 'resample' }, says: [['/ablate', /^"resample" takes activations from another pair’s run, and there is one pair/]], schema: false },
  { name: 'an address that is none', json: { ...ablation, together: ['head 4'] }, says: [['/together/0', /^An entry of "together" is an address such as L4H4 or L4\.mlp_out, not "head 4"/]] },
  { name: 'a sender that is a receiver', json: { ...path, senders: ['L5H1.v'] }, says: [['/senders/0', /^An entry of "senders" is a head \(L4H4\) or an MLP/]] },
  { name: 'a receiver that is a head', json: { ...path, receivers: ['L5H1'] }, says: [['/receivers/0', /is a head’s input \(L5H1\.q, L5H1\.k, L5H1\.v\) or "logits", not "L5H1"/]] },
  { name: 'MLPs that do something else', json: { ...path, mlps: 'free' }, says: [['/mlps', /"mlps" takes "frozen" or "recomputed", not "free"/]] },
  { name: 'no direction to steer by', json: without(steering, 'steer'), says: [['', /^"steer" is missing/]] },
  { name: 'steering nowhere', json: { ...steering, steer: { direction: 'a.npy' } }, says: [['/steer', /^"address" is missing/]] },
  { name: 'a direction in a file of text', json: { ...steering, steer: { ...steering.steer, direction: 'kind.txt' } }, says: [['/steer/direction', /neither \.safetensors nor \.npy/]] },
  { name: 'a direction out of a file and out of prompts', json: { ...steering, steer: { ...steering.steer, from: 'clean - corrupted' } }, says: [['/steer/direction', /a file and what prompts differ by at once\. Take "direction" out, or "from"/]] },
  { name: 'a position beside a file', json: { ...steering, steer: { ...steering.steer, position: 3 } }, says: [['/steer/position', /the direction is a file/]] },
  { name: 'a difference of other things', json: { ...steeringByPrompts, steer: { ...steeringByPrompts.steer, from: 'clean' } }, says: [['/steer/from', /"from" takes "clean - corrupted" or "corrupted - clean", not "clean"/]] },
  { name: 'a position between two', json: { ...steeringByPrompts, steer: { ...steeringByPrompts.steer, position: 1.5 } }, says: [['/steer/position', /"position" takes a whole number or "mean", not 1\.5/]] },
  { name: 'a difference without a second prompt', json: { ...steeringByPrompts, pairs: [{ clean: 'a', target: ' b' }] }, says: [['/pairs/0', /^"corrupted" is missing: steering goes between two prompts/]] },
  { name: 'a scale that is none', json: { ...steering, steer: { ...steering.steer, scale: [1, '2'] } }, says: [['/steer/scale/1', /^A scale is a number, not "2"/]] },
  { name: 'an expectation of nothing', json: { ...patching, expect: [{ address: 'L1H3' }] }, says: [['/expect/0', /^The expectation says nothing of its cell/]] },
  { name: 'an expectation of nobody', json: { ...patching, expect: [{ recovered: { atLeast: 1 } }] }, says: [['/expect/0', /^"address" is missing/]] },
  { name: 'an expectation without a limit', json: { ...patching, expect: [{ address: 'L1H3', recovered: {} }] }, says: [['/expect/0/recovered', /^"recovered" has no limit/]] },
  { name: 'limits that exclude each other', json: { ...patching, expect: [{ address: 'L1H3', recovered: { atLeast: 1, atMost: 0 } }] }, says: [['/expect/0/recovered', /so that nothing can hold/]], schema: false },
  { name: 'a mistyped limit', json: { ...patching, expect: [{ address: 'L1H3', recovered: { atleast: 1, atMost: 2 } }] }, says: [['/expect/0/recovered/atleast', /Did you mean "atLeast"\?/]] },
  { name: 'recovering in an ablation', json: { ...ablation, expect: [{ address: 'L1H3', recovered: { atLeast: 1 } }] }, says: [['/expect/0/recovered', /^In an ablation nothing is recovered/]] },
  { name: 'more than can be among the strongest', json: { ...patching, expect: [{ top: 1, includes: ['L1H3', 'L1H4'] }] }, says: [['/expect/0', /^The 1 strongest cannot hold all 2/]], schema: false },
  { name: 'several things at once, each said', json: { ...patching, metric: 'x', position: '7', extra: 1 }, says: [['/extra', /no key/], ['/metric', /takes/], ['/position', /whole number/]] },
];
