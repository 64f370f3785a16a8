import type { ModelSummary } from '../../../src/shared/summary.ts';
import type { Child } from '../../lib/dom.ts';
import { h } from '../../lib/dom.ts';
import { elsewhereWords, givenElsewhere } from '../../lib/elsewhere.ts';
import { icon } from '../../lib/icons.ts';
import type { IconName } from '../../lib/icons.ts';
import { quoted } from '../../lib/shell.ts';
import type { Actions } from '../actions.ts';
import { isCheckable } from './checks.ts';

/** Where to go from here, each with what one finds there. */
export function onward(summary: ModelSummary, actions: Actions): HTMLElement {
  const hasAttention = summary.towers.some((tower) => tower.blocks.some((block) => block.attention !== null));
  const elsewhere = givenElsewhere(summary);
  const about = elsewhere.length === 0 ? 'type a prompt and see where every head attends, layer by layer' : `all heads, layer by layer; what takes ${elsewhereWords(elsewhere)} is run from the command line`;
  const inspect = `cogscope inspect ${quoted(summary.model.path)}${isCheckable(summary) ? ' --check' : ''}`;
  return h('ul', { class: 'onward' },
    hasAttention && way('attention', 'Open attention', about, () => actions.openAttention(null)),
    way('copy', 'Copy the command', ['the same in a terminal, ', h('code', {}, inspect)], () => actions.copy(inspect)),
    way('settings', 'Open settings', 'threads, memory, and the tokenizer to use', () => actions.command('openSettings')),
    way('table', 'Show log', 'what the engine did, and its own words when something failed', () => actions.command('showLog')));
}

const way = (name: IconName, label: string, about: Child, run: () => void): HTMLElement =>
  h('li', {}, icon(name), h('span', {}, h('button', { class: 'link', onclick: run }, label), h('span', { class: 'muted' }, ': ', about)));
