/** What the experiment expects of its result, and what came of it. */
import { judge, nameOfExpectation } from '../../../src/shared/experiment/expect.ts';
import { h } from '../../lib/dom.ts';
import { icon } from '../../lib/icons.ts';
import type { Run, State } from '../model/state.ts';
import type { View } from './panel.ts';

export function expectationsView(): View {
  const list = h('ul', { class: 'expectations', 'aria-label': 'Expectations' });
  let judged: readonly unknown[] = [];
  return {
    element: list,
    update: (state) => {
      const { run, form } = state;
      list.hidden = form.expect.length === 0;
      const now = [form.expect, run?.phase === 'done' ? run.values : run?.phase];
      if (now.every((part, index) => part === judged[index])) return;
      judged = now;
      list.replaceChildren(...(run?.frame && run.phase === 'done' ? verdicts(state, run) : form.expect.map((one) => row('unknown', 'expected', nameOfExpectation(one)))));
    },
  };
}

function verdicts({ form }: State, { frame, values }: Run): readonly HTMLElement[] {
  return frame ? judge(form.expect, { frame, values }).map(({ passed, text }) => row(passed ? 'pass' : 'fail', passed ? 'passed' : 'failed', text)) : [];
}

const row = (name: 'pass' | 'fail' | 'unknown', word: string, text: string): HTMLElement =>
  h('li', { class: `expectation expectation-${name}` }, icon(name), h('span', { class: 'spoken' }, `${word}: `), h('span', {}, text));
