/** What can be wrong with the fields that one kind of experiment has of its own. */
import { headPart, isAddress, sameCell } from '../../../src/shared/experiment/cellAddress.ts';
import { numberOf, wordsOf } from './form.ts';
import type { Form } from './form.ts';
import type { Field, Find, Problem } from './problems.ts';
import { pairOf } from './read.ts';

const when = (isWrong: boolean, field: Field, text: string): Problem | null => (isWrong ? { field, text } : null);

const isWhole = (text: string, least: number): boolean => Number.isSafeInteger(numberOf(text)) && numberOf(text) >= least;
const whole = (field: 'samples' | 'seed' | 'window', least: number, example: string): Find => ({ form }) =>
  when(!isWhole(form[field], least), field, `This is a whole number of ${least} or more. Write for instance ${example}.`);

const sigma: Find = ({ form }) => when(!(numberOf(form.sigma) > 0), 'sigma', 'The noise is a number above 0. Write for instance 3.');

const subject: Find = (state) => {
  const { clean, subject: words, ids } = pairOf(state);
  if (ids) return { field: 'subject', text: 'A subject is found in a text, and the prompt is given as ids. Give the prompt as text.' };
  if (words === '') return { field: 'subject', text: 'There is no subject: the words whose embeddings are disturbed. Select them in the clean prompt and take the selection.', isMissing: true };
  return when(!clean.includes(words), 'subject', 'The prompt does not have these words. Copy them as they stand there, or select them and take the selection.');
};

const isSender = (text: string): boolean => headPart(sameCell(text))?.part === null || /\.hook_mlp_out(@-?\d+)?$/.test(sameCell(text));
const isReceiver = (text: string): boolean => text === 'logits' || ['q', 'k', 'v'].includes(headPart(text)?.part ?? '');

/** The first word that is none of what a list holds. */
const each = (field: 'together' | 'senders' | 'receivers', fits: (text: string) => boolean, takes: string): Find => ({ form }) => {
  const odd = wordsOf(form[field]).find((text) => !fits(text));
  return when(odd !== undefined, field, `“${odd}” does not fit here. Write ${takes}.`);
};

const noReceivers: Find = ({ form }) => when(wordsOf(form.receivers).length === 0, 'receivers', 'There are no receivers. Write heads’ inputs such as L5H1.q, or logits.');

const lonely: Find = ({ form }) => when(form.ablate === 'resample' && form.pairs.length === 1, 'ablate', 'Resampling takes activations from another pair’s run, and there is one pair. Add pairs, or ablate by zero or mean.');

const address: Find = ({ form }) => {
  if (form.address.trim() === '') return { field: 'address', text: 'There is no address. Say where the direction is added, for instance blocks.3.hook_resid_post.', isMissing: true };
  return when(!isAddress(form.address.trim()), 'address', 'This is no address. Write for instance blocks.3.hook_resid_post.');
};
const vector: Find = ({ form }) => {
  if (form.vectorFrom !== 'file') return null;
  if (form.vector.trim() === '') return { field: 'vector', text: 'There is no direction. Choose a .safetensors or .npy file with it, or take what the prompts differ by.', isMissing: true };
  return when(!/\.(safetensors|npy)$/i.test(form.vector.trim()), 'vector', 'The direction’s file is neither .safetensors nor .npy. Save it as one of them.');
};
const vectorAt: Find = ({ form }) =>
  when(form.vectorFrom !== 'file' && form.vectorAt.trim() !== 'mean' && !Number.isSafeInteger(numberOf(form.vectorAt)), 'vectorAt', 'This is a whole number or the word mean. Write \u22121 for the last token.');
const scales: Find = ({ form }) => {
  const words = wordsOf(form.scales);
  const odd = words.find((text) => !Number.isFinite(numberOf(text)));
  return when(words.length === 0 || odd !== undefined, 'scales', `${odd === undefined ? 'There is no multiple' : `“${odd}” is no number`}. Write multiples of the direction, for instance \u22124, 4.`);
};

export const ownFinds: Readonly<Record<Form['kind'], readonly Find[]>> = {
  'activation-patching': [],
  'causal-tracing': [subject, sigma, whole('samples', 1, '10'), whole('seed', 0, '0'), whole('window', 1, '10')],
  ablation: [lonely, each('together', isAddress, 'addresses such as L4H4 or L4.mlp_out'), whole('seed', 0, '0')],
  'path-patching': [each('senders', isSender, 'heads (L4H4) or MLPs (L4.mlp_out)'), noReceivers, each('receivers', isReceiver, 'heads’ inputs (L5H1.q, L5H1.k, L5H1.v) or logits')],
  steering: [address, vector, vectorAt, scales],
};
