/** The lines under the toolbar: what stands between the reader and the model just now. */
import { sentence } from '../../../src/shared/errors.ts';
import type { PanelModel } from '../../../src/shared/protocol/panelApi.ts';
import { noticeLine } from '../../lib/notice.ts';
import type { Notice } from '../../lib/notice.ts';
import type { Actions } from '../actions.ts';

export interface PanelNotice extends Notice {
  /** Two states that say the same keep the line as it is, and a screen reader does not speak it again. */
  readonly key: string;
}

export function noticesOf({ engine, trusted, changed }: PanelModel, actions: Actions): readonly PanelNotice[] {
  const notices: PanelNotice[] = [];
  if (changed) {
    notices.push({ key: 'changed', kind: 'warning', text: 'The file changed since it was opened.', action: { label: 'Reload model', run: () => actions.command('reloadModel') } });
  }
  if (!trusted) {
    notices.push({
      key: 'untrusted', kind: 'info', text: 'This workspace is not trusted: the model can be looked at, and not run.',
      action: { label: 'Manage workspace trust', run: () => actions.command('manageTrust') },
    });
  }
  if (engine.kind === 'restarting') {
    notices.push({ key: `restarting ${engine.attempt}`, kind: 'info', text: `The engine ended; starting it again (attempt ${engine.attempt}).`, detail: engine.error.detail });
  }
  if (engine.kind === 'failed') {
    notices.push({
      key: `failed ${sentence(engine.error)}`, kind: 'error', text: sentence(engine.error), detail: engine.error.detail,
      action: { label: 'Restart engine', run: () => actions.command('restartEngine') },
    });
  }
  return notices;
}

/** The lines on the page, renewed only where something else is to be said. */
export function noticeArea(element: HTMLElement): (notices: readonly PanelNotice[]) => void {
  let shown = '';
  return (notices) => {
    const keys = notices.map((notice) => notice.key).join('\n');
    if (keys === shown) return;
    shown = keys;
    element.replaceChildren(...notices.map((notice) => noticeLine(notice)));
  };
}
