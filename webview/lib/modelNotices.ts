/** Lines under the toolbar of a panel that runs a model: what the engine, the file and trust have to say. Each with at most one thing to do. */
import type { PanelCommand, PanelModel } from '../../src/shared/protocol/panelApi.ts';
import { h } from './dom.ts';
import { errorNotice, noticeLine } from './notice.ts';

export interface ModelNotices {
  readonly command: (name: PanelCommand) => void;
  /** A run was lost with its engine, of which the host has not told yet. */
  readonly runsAgain: boolean;
}

export function modelNotices(model: PanelModel | null, { command, runsAgain }: ModelNotices): readonly HTMLElement[] {
  const reload = { label: 'Reload model', run: () => command('reloadModel') };
  const lines: readonly (HTMLElement | null)[] = [
    model?.state.kind === 'error' ? errorNotice(model.state.error, reload) : null,
    engineNotice(model, command, runsAgain),
    model?.changed === true ? noticeLine({ kind: 'warning', text: 'The file changed since it was opened.', action: reload }) : null,
    model?.trusted === false
      ? noticeLine({ kind: 'info', text: 'Running a model needs a trusted workspace; looking at it does not.', action: { label: 'Manage workspace trust', run: () => command('manageTrust') } })
      : null,
  ];
  return lines.filter((line) => line !== null);
}

function engineNotice(model: PanelModel | null, command: ModelNotices['command'], runsAgain: boolean): HTMLElement | null {
  const engine = model?.engine;
  switch (engine?.kind) {
    case 'restarting':
      return noticeLine({ kind: 'info', text: `The engine ended; starting it again (attempt ${engine.attempt}).` });
    case 'failed':
      return errorNotice(engine.error, { label: 'Restart engine', run: () => command('restartEngine') });
    default:
      return runsAgain ? noticeLine({ kind: 'info', text: 'The engine ended; it is started again.' }) : null;
  }
}

/** Where they stand. One that stays is left alone: it would be spoken again, and its details would fold. */
export function noticeArea(): { readonly element: HTMLElement; show(lines: readonly HTMLElement[]): void } {
  const element = h('div', { class: 'notices' });
  let drawn = '';
  return {
    element,
    show: (lines) => {
      const key = JSON.stringify(lines.map((line) => line.textContent));
      if (key !== drawn) element.replaceChildren(...lines);
      drawn = key;
    },
  };
}
