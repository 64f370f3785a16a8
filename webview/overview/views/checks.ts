/** The checks: how they are run, and what came of them by kind. */
import type { ErrorData } from '../../../src/shared/errors.ts';
import type { CheckReport, CheckResult, ModelSummary } from '../../../src/shared/summary.ts';
import { defineProgressRing } from '../../lib/controls.ts';
import type { Child } from '../../lib/dom.ts';
import { h } from '../../lib/dom.ts';
import { counted, duration, significant } from '../../../src/shared/format.ts';
import { icon } from '../../lib/icons.ts';
import { errorNotice, noticeLine } from '../../lib/notice.ts';
import type { Actions, Folds } from '../actions.ts';
import type { CheckState } from '../checkRun.ts';
import { checkKinds, checkWords, meaningOf, placeWords, unproved } from '../model/checkTable.ts';
import type { CheckKind } from '../model/checkTable.ts';
import { flowBody, flowRow, flowTable } from './flowTable.ts';
import { refusalList } from './refusals.ts';
import { expander } from './section.ts';

defineProgressRing();

const ABOUT = 'The model runs on a small made-up input; each part is then computed anew from its neighbours by plain arithmetic, and compared with what the model made.';

export const checks = (state: CheckState, summary: ModelSummary, trusted: boolean, actions: Actions, folds: Folds): HTMLElement =>
  h('div', {}, isCheckable(summary) && h('p', { class: 'prose muted' }, ABOUT), ...body(state, summary, trusted, actions, folds));

/** Whether there is anything to compare, and a way to run it. */
export const isCheckable = ({ runnable, towers }: ModelSummary): boolean => runnable && towers.length > 0;

function body(state: CheckState, summary: ModelSummary, trusted: boolean, actions: Actions, folds: Folds): readonly Child[] {
  switch (state.kind) {
    case 'none':
      if (summary.towers.length === 0) return [h('p', { class: 'prose muted' }, 'There is nothing to check: no layers were recognised.')];
      if (!summary.runnable) return [h('p', { class: 'prose' }, 'The model cannot run, so nothing can be checked; Refused says why.')];
      if (!trusted) {
        return [h('p', { class: 'prose' }, 'Checking runs the model, and this workspace is not trusted to run anything.'),
          h('vscode-button', { appearance: 'secondary', onclick: () => actions.command('manageTrust') }, 'Manage workspace trust')];
      }
      return [h('p', { class: 'prose' }, 'Not checked yet.'), h('vscode-button', { appearance: 'secondary', onclick: () => actions.runChecks() }, 'Run checks')];
    case 'running':
      return [h('p', { class: 'running', role: 'status' }, h('vscode-progress-ring', { 'aria-label': 'Running' }), 'Running the checks',
        h('vscode-button', { appearance: 'secondary', onclick: () => actions.cancelChecks() }, 'Cancel'))];
    case 'failed':
      return [failure(state.error, actions)];
    case 'done':
      return outcome(state.report, summary, actions, folds);
    default:
      return state satisfies never;
  }
}

/** That the engine ended is said above, with what is done about it. */
function failure(error: ErrorData, actions: Actions): HTMLElement {
  const again = { label: 'Run checks', run: () => actions.runChecks() };
  if (error.code === 'engine-died') return noticeLine({ kind: 'info', text: 'The engine ended before the checks did.', action: again });
  return errorNotice(error, again);
}

function outcome(report: CheckReport, summary: ModelSummary, actions: Actions, folds: Folds): readonly Child[] {
  if (report.error) return [failure(report.error, actions)];
  const kinds = checkKinds(report.checks);
  const open = unproved(report, summary);
  return [
    h('p', { class: 'verdict', role: 'status' }, ...verdict(report)),
    kinds.length > 0 && flowTable('checks', [
      { title: 'Check' },
      { title: 'Where' },
      { title: 'Largest difference', about: 'Largest absolute difference, in units of the tensor compared', number: true },
      { title: 'Allowed', about: 'What rounding in 32 bits may do to numbers of this size', number: true },
      { title: 'Verdict' },
    ], kinds.flatMap((kind) => kindRows(kind, folds))),
    open.length > 0 && h('div', { class: 'unproved' }, h('h3', {}, 'Not proved'), refusalList(open)),
  ];
}

function verdict({ checks: results, ms }: CheckReport): readonly Child[] {
  const failed = results.filter((check) => !check.ok).length;
  if (results.length === 0) return [icon('unknown'), `Nothing could be compared (${duration(ms)}).`];
  if (failed === 0) return [icon('pass'), `${results.length === 1 ? 'The one check holds' : `All ${counted(results.length, 'check')} hold`} (${duration(ms)}).`];
  return [icon('fail'), `${failed} of ${counted(results.length, 'check')} ${failed === 1 ? 'fails' : 'fail'} (${duration(ms)}). What is shown of these parts may be wrong.`];
}

function kindRows(kind: CheckKind, folds: Folds): readonly HTMLElement[] {
  const { name, results, worst, failed } = kind;
  const meaning = meaningOf(name);
  const rows = flowBody('check-more', [
    ...(meaning === '' ? [] : [h('tr', { role: 'row' }, h('td', { role: 'cell', colspan: 5, class: 'check-meaning' }, meaning))]),
    ...results.map((check) => flowRow(h('span', { class: 'mono' }, placeWords(check.address)), ['', ...numbers(check), verdictOf(check.ok)])),
  ]);
  const words = failed > 0 && results.length > 1 ? `fails at ${failed} of ${results.length}` : undefined;
  return [
    flowBody('check', [flowRow(expander(folds, `check.${name}`, rows, { title: meaning }, checkWords(name)), [places(results), ...numbers(worst), verdictOf(failed === 0, words)])]),
    rows,
  ];
}

const numbers = ({ maxAbs, tolerance }: CheckResult): readonly string[] => [significant(maxAbs), significant(tolerance)];

const verdictOf = (ok: boolean, words = ok ? 'holds' : 'fails'): HTMLElement =>
  h('span', { class: ok ? 'holds' : 'fails' }, icon(ok ? 'pass' : 'fail'), words);

/** A mark a layer; what belongs to no layer says where it is. */
function places(results: readonly CheckResult[]): Child {
  const [only] = results;
  if (only && results.length === 1) return h('span', { class: 'mono' }, placeWords(only.address));
  const failed = results.filter((check) => !check.ok).map((check) => placeWords(check.address));
  const label = failed.length === 0 ? `holds at all ${results.length} layers` : `fails at ${failed.join(', ')}`;
  return h('span', { class: 'marks', role: 'img', 'aria-label': label, title: label },
    results.map((check) => h('span', { class: check.ok ? 'mark' : 'mark mark-failed', title: `${placeWords(check.address)}: ${significant(check.maxAbs)}` })));
}
