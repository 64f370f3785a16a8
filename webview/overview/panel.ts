/** The overview as a whole: what it knows, and which part of the page is renewed when that changes. */
import { parseShort } from '../../src/shared/addresses.ts';
import { CogscopeError } from '../../src/shared/errors.ts';
import type { ErrorData } from '../../src/shared/errors.ts';
import type { OverviewPanelApi, PanelModel } from '../../src/shared/protocol/panelApi.ts';
import type { ModelSummary } from '../../src/shared/summary.ts';
import { keepState } from '../lib/connect.ts';
import type { Host } from '../lib/connect.ts';
import { h } from '../lib/dom.ts';
import { isTyping, keysDialog } from '../lib/keys.ts';
import { errorNotice } from '../lib/notice.ts';
import type { Actions, Folds } from './actions.ts';
import { CheckRun } from './checkRun.ts';
import { toState } from './model/kept.ts';
import type { Kept } from './model/kept.ts';
import { pageOf, readingOf } from './model/reading.ts';
import { HostRequests } from './requests.ts';
import { addressTable } from './views/addresses.ts';
import type { AddressTable } from './views/addresses.ts';
import { checks, isCheckable } from './views/checks.ts';
import { content } from './views/content.ts';
import { noticeArea, noticesOf } from './views/notices.ts';
import type { PanelNotice } from './views/notices.ts';
import { toolbar } from './views/toolbar.ts';

const KEYS = [
  [['Arrows'], 'Move between heads, MLPs, lines and addresses'],
  [['Enter'], 'Open the head or the line; copy the address'],
  [['Ctrl+C'], 'Copy the address that has the focus'],
  [['/'], 'Filter the addresses'],
  [['Escape'], 'Clear the filter; close this list'],
  [['?'], 'Show this list'],
] as const;

export class OverviewPanel {
  private readonly host: Host<OverviewPanelApi>;
  private readonly requests: HostRequests;
  private readonly checkRun: CheckRun;
  private readonly actions: Actions;
  private readonly toolbar;
  private readonly showNotices: (notices: readonly PanelNotice[]) => void;
  private readonly main = h('div', {});
  private readonly checkArea = h('div', {});
  private readonly keys = keysDialog(KEYS);
  private kept: Kept;
  private model: PanelModel | undefined;
  private message: PanelNotice | undefined;
  /** The reading that was last checked without being asked. */
  private checkedUnasked: string | undefined;
  /** An engine ended while it checked: another one would too. */
  private checkIsDeadly = false;
  private addresses: { readonly table: AddressTable; loaded: boolean } | undefined;

  constructor(host: Host<OverviewPanelApi>, root: HTMLElement, kept: Kept) {
    this.host = host;
    this.kept = kept;
    this.checkRun = new CheckRun(host, () => this.checksChanged());
    const spoken = h('div', { class: 'spoken', role: 'status' });
    this.requests = new HostRequests(host, (message) => this.setMessage(message), (text) => spoken.replaceChildren(text));
    this.actions = this.requests.actions({ runChecks: () => void this.checkRun.run(), cancelChecks: () => this.checkRun.cancel() });
    this.toolbar = toolbar(this.actions, () => this.keys.showModal());
    const notices = h('div', { class: 'notices' });
    this.showNotices = noticeArea(notices);
    root.append(this.toolbar.element, notices, this.main, spoken, this.keys);
    document.addEventListener('keydown', (event) => this.onKey(event));
    document.addEventListener('scrollend', () => this.keep({ scroll: window.scrollY }));
  }

  /** Asks for the model; what the host says of it later comes by `update`. */
  async start(): Promise<void> {
    try {
      this.update(await this.host.call('ready', {}));
    } catch (thrown) {
      this.main.replaceChildren(errorPage(CogscopeError.describe(thrown), this.actions));
    }
  }

  /** The host's word on the model: always all of it. */
  update(model: PanelModel): void {
    const before = this.model;
    this.model = model;
    this.drawTop(model);
    if (!before || pageOf(before) !== pageOf(model)) this.draw(model);
    else if (readingOf(before) !== readingOf(model)) this.checkRun.reset(null);
    else if (before.trusted !== model.trusted) this.drawChecks();
    this.checkUnasked(model);
    // An engine that ended under the question is asked again when it is back.
    if (before?.engine.kind !== model.engine.kind && model.engine.kind === 'ready' && this.addresses?.loaded === false) void this.loadAddresses();
  }

  /** Shows an address that was asked for from elsewhere. */
  reveal(address: string): void {
    const head = parseShort(address)?.kind === 'head' ? this.main.querySelector<HTMLElement>(`.head[data-address="${CSS.escape(address)}"]`) : null;
    unfold(head ? 'anatomy' : 'addresses');
    if (head) head.focus();
    else this.addresses?.table.reveal(address);
  }

  private readonly folds: Folds = {
    isFolded: (id) => this.kept.folded.includes(id),
    setFolded: (id, folded) => this.keep({ folded: toggled(this.kept.folded, id, folded) }),
    isOpen: (id) => this.kept.open.includes(id),
    setOpen: (id, open) => this.keep({ open: toggled(this.kept.open, id, open) }),
  };

  private keep(change: Partial<Kept>): void {
    this.kept = { ...this.kept, ...change };
    keepState(toState(this.kept));
  }

  private setMessage(message: PanelNotice | undefined): void {
    this.message = message;
    if (this.model) this.drawTop(this.model);
  }

  private drawTop(model: PanelModel): void {
    this.toolbar.update(model, this.checkRun.state.kind === 'running');
    this.showNotices([...noticesOf(model, this.actions), ...(this.message ? [this.message] : [])]);
  }

  private draw(model: PanelModel): void {
    const { state } = model;
    this.addresses = undefined;
    switch (state.kind) {
      case 'loading':
        this.main.replaceChildren(h('p', { class: 'empty', role: 'status' }, `Reading ${model.title}`));
        return;
      case 'error':
        this.main.replaceChildren(errorPage(state.error, this.actions));
        return;
      case 'open':
        this.drawOpen(model, state.summary);
        return;
      default:
        state satisfies never;
    }
  }

  private drawOpen(model: PanelModel, summary: ModelSummary): void {
    const { scroll, checks: known } = this.kept;
    this.checkRun.reset(known && known.of === readingOf(model) ? known.report : null);
    const table = addressTable(this.kept.filter, (filter) => this.keep({ filter }), this.actions);
    this.addresses = { table, loaded: false };
    this.main.replaceChildren(content(summary, this.checkArea, table.element, this.actions, this.folds));
    // The page has its height only with the addresses.
    void this.loadAddresses().then(() => window.scrollTo({ top: scroll }));
  }

  /** A small model is checked once for each reading, as soon as it may run; a check that failed or was cancelled waits to be asked for. */
  private checkUnasked(model: PanelModel): void {
    const reading = readingOf(model);
    if (model.state.kind !== 'open' || !model.checksItself || this.checkIsDeadly || !model.trusted || model.changed || reading === this.checkedUnasked) return;
    if (this.checkRun.state.kind !== 'none' || !isCheckable(model.state.summary)) return;
    this.checkedUnasked = reading;
    void this.checkRun.run();
  }

  private async loadAddresses(): Promise<void> {
    const { addresses } = this;
    if (!addresses) return;
    try {
      addresses.table.show(await this.host.call('addresses', {}));
      addresses.loaded = true;
    } catch (thrown) {
      const error = CogscopeError.describe(thrown);
      if (error.code !== 'engine-died' || this.model?.engine.kind === 'failed') addresses.table.fail(error, () => void this.loadAddresses());
    }
  }

  private checksChanged(): void {
    const { model, checkRun: { state } } = this;
    const of = model && readingOf(model);
    if (state.kind === 'failed' && state.error.code === 'engine-died') this.checkIsDeadly = true;
    if (state.kind === 'done' && of !== undefined) this.keep({ checks: { of, report: state.report } });
    if (model) this.drawTop(model);
    this.drawChecks();
  }

  private drawChecks(): void {
    const { model } = this;
    if (model?.state.kind !== 'open') return;
    const hadFocus = this.checkArea.contains(document.activeElement);
    this.checkArea.replaceChildren(checks(this.checkRun.state, model.state.summary, model.trusted, this.actions, this.folds));
    // The button that was pressed is gone; the one in its place, or the first row of what came, takes its focus.
    if (hadFocus) this.checkArea.querySelector<HTMLElement>('vscode-button, .fold')?.focus();
  }

  private onKey(event: KeyboardEvent): void {
    if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === '/' && this.addresses) {
      event.preventDefault();
      unfold('addresses');
      this.addresses.table.focusFilter();
    } else if (event.key === '?') {
      this.keys.showModal();
    }
  }
}

/** Opens a section that is folded, as a click on its head does. */
function unfold(id: string): void {
  document.querySelector<HTMLElement>(`#${id} > .section-head .fold[aria-expanded="false"]`)?.click();
}

const toggled = (ids: readonly string[], id: string, on: boolean): readonly string[] => [...ids.filter((other) => other !== id), ...(on ? [id] : [])];

function errorPage(error: ErrorData, actions: Actions): HTMLElement {
  return h('div', { class: 'error-page' }, errorNotice(error, { label: 'Reload model', run: () => actions.command('reloadModel') }),
    h('p', { class: 'prose' }, h('button', { class: 'link', onclick: () => actions.command('showLog') }, 'Show log')));
}
