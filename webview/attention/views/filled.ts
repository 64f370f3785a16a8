/** Inputs that a prompt does not give: how they were filled, and their values to change. */
import '../../lib/controls.ts';
import { sentence } from '../../../src/shared/errors.ts';
import type { FilledInput } from '../../../src/shared/protocol/engineApi.ts';
import { h } from '../../lib/dom.ts';
import { icon } from '../../lib/icons.ts';
import { fitValues } from '../model/prompt.ts';
import { isStale, runTokens, shownTokens, summaryOf } from '../model/read.ts';
import type { State } from '../model/state.ts';
import { parseValues } from '../../lib/text/ids.ts';
import type { Panel, View } from './panel.ts';

/** Inputs of the model that are filled, and those that nobody can fill but a person. */
function inputsOf(state: State): readonly FilledInput[] {
  const filled = state.run && (!isStale(state) || !state.typed) ? state.run.filled : state.typed?.filled ?? [];
  const open = (summaryOf(state)?.inputs ?? []).filter((input) => input.role === 'unknown' && !filled.some((other) => other.name === input.name));
  return [...filled, ...open.map((input): FilledInput => ({ name: input.name, role: 'unknown', filledWith: 'to be given', values: [], changeable: true }))];
}

/** All values of an input for the tokens that are shown, as changed or as filled. */
function valuesOf(state: State, input: FilledInput): readonly number[] {
  const values = state.edits[input.name] ?? input.values;
  return input.role === 'unknown' || input.role === 'past' ? values : fitValues(values, input.role, shownTokens(state).length || runTokens(state).length);
}

export function filledInputs(panel: Panel): View {
  const summary = h('summary', {});
  const rows = h('div', { class: 'filled-rows' });
  const element = h('details', { class: 'filled' }, summary, rows);
  let drawn = '';
  return {
    element,
    update: (state) => {
      const inputs = inputsOf(state);
      element.hidden = inputs.length === 0;
      const key = JSON.stringify([inputs, state.edits, shownTokens(state).length]);
      if (key === drawn) return;
      drawn = key;
      summary.textContent = `Filled inputs: ${inputs.map((input) => `${input.name} (${state.edits[input.name] ? 'your values' : input.filledWith})`).join(', ')}`;
      rows.replaceChildren(...inputs.map((input) => inputRow(panel, state, input)));
      // The toolkit names a field anew when it is connected.
      inputs.forEach((input, index) => rows.children[index]?.querySelector('vscode-text-field')?.setAttribute('aria-label', `Values of ${input.name}`));
    },
  };
}

function inputRow(panel: Panel, state: State, input: FilledInput): HTMLElement {
  const values = valuesOf(state, input);
  const problem = h('p', { class: 'filled-problem', role: 'alert', hidden: true });
  const change = (): void => {
    const parsed = parseValues(field.value, input.role === 'unknown' ? null : values.length);
    problem.hidden = parsed.ok;
    if (parsed.ok) panel.dispatch({ kind: 'edit', input: input.name, values: parsed.values });
    else problem.textContent = sentence(parsed.error);
  };
  const field = h('vscode-text-field', { readonly: !input.changeable, onchange: change });
  field.value = values.join(', ');
  const isChanged = state.edits[input.name] !== undefined;
  return h('div', { class: 'filled-row' },
    h('span', { class: 'filled-name mono', title: `${input.name} · ${input.role} · ${input.filledWith}` }, input.name),
    field,
    h('vscode-button', {
      appearance: 'icon', 'aria-label': `Reset ${input.name}`, title: 'Fill it as usual', disabled: !isChanged,
      onclick: () => panel.dispatch({ kind: 'edit', input: input.name, values: null }),
    }, icon('reload')),
    problem);
}
