/** The fields of an experiment: a control with its label, and beneath it what is wrong with what it holds. */
import './fields.css';
import '../../lib/controls.ts';
import { h } from '../../lib/dom.ts';
import type { Form } from '../model/form.ts';
import { saidOf } from '../model/problems.ts';
import type { Field } from '../model/problems.ts';
import type { State } from '../model/state.ts';
import type { Panel, View } from './panel.ts';

interface Common {
  readonly label: string;
  /** For a first-time reader. */
  readonly title: string;
  /** Whether the experiment has it. */
  readonly shown: (state: State) => boolean;
}

export interface TextField extends Common {
  readonly field: Field;
  readonly value: (state: State) => string;
  readonly change: (value: string) => void;
  readonly placeholder?: string;
  readonly size: 'number' | 'token' | 'text';
  /** What it stands for, as the model sees it. */
  readonly hint?: (state: State) => string;
  /** Stands behind the field. */
  readonly action?: { readonly label: string; readonly title: string; readonly run: () => void };
}

export function textField({ label, title, shown, field, value, change, placeholder = '', size, hint = () => '', action }: TextField): View {
  const input = h('vscode-text-field', { class: 'mono-field', 'data-field': field, title, placeholder, spellcheck: 'false', oninput: () => change(input.value) }, label);
  const hinted = h('span', { class: 'field-hint muted mono' });
  const problem = h('p', { class: 'field-problem', role: 'alert' });
  const element = h('div', { class: `field field-${size}` },
    action ? h('div', { class: 'field-line' }, input, h('vscode-button', { appearance: 'secondary', title: action.title, onclick: action.run }, action.label)) : input, hinted, problem);
  return {
    element,
    update: (state) => {
      element.hidden = !shown(state);
      if (element.hidden) return;
      if (input.value !== value(state)) input.value = value(state);
      const said = saidOf(state, field);
      const words = said === '' ? hint(state) : '';
      if (hinted.textContent !== words) hinted.textContent = words;
      if (problem.textContent !== said) problem.textContent = said;
      problem.hidden = said === '';
      element.classList.toggle('field-wrong', said !== '');
    },
  };
}

export interface Choice<K extends keyof Form> extends Common {
  readonly key: K;
  /** Those that can be chosen now, in words. */
  readonly options: (state: State) => readonly (readonly [value: Form[K] & string, words: string])[];
  /** Where something can be wrong with the choice. */
  readonly field?: Field;
}

export function choiceField<K extends keyof Form>(panel: Panel, { label, title, shown, key, options, field }: Choice<K>): View {
  const dropdown = h('vscode-dropdown', {
    title,
    onchange: () => {
      const chosen = options(panel.state()).find(([value]) => value === dropdown.value)?.[0];
      if (chosen !== undefined) panel.dispatch({ kind: 'form', change: { [key]: chosen } });
    },
  });
  const problem = h('p', { class: 'field-problem', role: 'alert' });
  const element = h('div', { class: 'field field-choice' }, h('span', { class: 'field-label muted', 'aria-hidden': 'true' }, label), dropdown, problem);
  let offered = '';
  return {
    element,
    update: (state) => {
      element.hidden = !shown(state);
      if (element.hidden) return;
      const now = options(state);
      if (now.join() !== offered) {
        offered = now.join();
        dropdown.replaceChildren(...now.map(([value, words]) => h('vscode-option', { value }, words)));
      }
      dropdown.setAttribute('aria-label', label); // The toolkit names a control anew when it is connected.
      const said = field ? saidOf(state, field) : '';
      if (problem.textContent !== said) problem.textContent = said;
      problem.hidden = said === '';
      const value = String(state.form[key]);
      if (dropdown.value !== value) dropdown.value = value;
    },
  };
}

export interface Several<T extends string> extends Common {
  readonly options: (state: State) => readonly (readonly [value: T, title: string])[];
  readonly chosen: (state: State) => readonly T[];
  readonly change: (chosen: readonly T[]) => void;
}

/** Boxes of which at least one stays ticked. */
export function severalField<T extends string>(panel: Panel, { label, title, shown, options, chosen, change }: Several<T>): View {
  const boxes = h('div', { class: 'field-boxes' });
  const element = h('div', { class: 'field field-several', role: 'group', 'aria-label': label, title }, h('span', { class: 'field-label muted', 'aria-hidden': 'true' }, label), boxes);
  let offered = '';
  return {
    element,
    update: (state) => {
      element.hidden = !shown(state);
      if (element.hidden) return;
      const now = options(state);
      if (now.join() !== offered) {
        offered = now.join();
        boxes.replaceChildren(...now.map(([value, words]) => {
          const box = h('vscode-checkbox', { 'data-value': value, title: words, onchange: () => toggle(value, box) }, value);
          return box;
        }));
      }
      const ticked: readonly string[] = chosen(state);
      for (const box of boxes.querySelectorAll('vscode-checkbox')) {
        const isOn = ticked.includes(box.dataset['value'] ?? '');
        if (box.checked !== isOn) box.checked = isOn;
      }
    },
  };

  function toggle(value: T, box: HTMLElementTagNameMap['vscode-checkbox']): void {
    const state = panel.state();
    const before = chosen(state);
    if (before.includes(value) === box.checked) return;
    const next = options(state).map(([one]) => one).filter((one) => (one === value ? box.checked : before.includes(one)));
    if (next.length > 0) change(next);
    else box.checked = true;
  }
}
