/** Everything below the notices, for a model that is open. */
import type { ModelSummary } from '../../../src/shared/summary.ts';
import { h } from '../../lib/dom.ts';
import type { Actions, Folds } from '../actions.ts';
import { groupRefusals } from '../model/checkTable.ts';
import { modelSentence } from '../model/sentence.ts';
import { anatomy } from './anatomy.ts';
import { file } from './file.ts';
import { inputsOutputs } from './inputsOutputs.ts';
import { onward } from './onward.ts';
import { ended, refusalList } from './refusals.ts';
import { section } from './section.ts';

/** `checks` and `addresses` change on their own and are handed in. */
export function content(summary: ModelSummary, checks: HTMLElement, addresses: HTMLElement, actions: Actions, folds: Folds): HTMLElement {
  // What is refused explains what the anatomy lacks; that nothing is, is worth a line further down.
  const refusals = section(folds, 'refused', 'Refused', refused(summary));
  return h('div', { class: 'content' },
    h('p', { class: 'sentence' }, `${modelSentence(summary)}.`),
    h('div', { class: 'columns' },
      h('div', { class: 'column' },
        section(folds, 'anatomy', 'Anatomy', ...anatomy(summary, actions, folds)),
        summary.refused.length > 0 && refusals,
        section(folds, 'checks', 'Checks', checks)),
      h('div', { class: 'column column-side' },
        section(folds, 'tensors', 'Inputs and outputs', ...inputsOutputs(summary)),
        summary.refused.length === 0 && refusals,
        section(folds, 'tokenizer', 'Tokenizer', tokenizer(summary)),
        section(folds, 'file', 'File', ...file(summary)))),
    section(folds, 'addresses', 'Addresses', addresses),
    section(folds, 'onward', 'Ways onward', onward(summary, actions)));
}

function refused(summary: ModelSummary): HTMLElement {
  if (summary.refused.length === 0) return h('p', { class: 'prose muted' }, 'Nothing was refused.');
  return refusalList(groupRefusals(summary.refused));
}

function tokenizer({ tokenizer: found, inputs }: ModelSummary): HTMLElement {
  if (!inputs.some((input) => input.role === 'ids')) return h('p', { class: 'prose muted' }, 'The model takes no token ids, so it needs no tokenizer.');
  if ('missing' in found) return h('p', { class: 'prose' }, `${ended(found.missing)} Prompts can still be given as token ids.`);
  return h('p', { class: 'prose' }, `${found.kind}, from `, h('span', { class: 'mono path' }, found.path));
}
