/** Lines under the toolbar: what the engine, the file, trust or the last run have to say. Each with at most one thing to do. */
import { modelNotices, noticeArea } from '../../lib/modelNotices.ts';
import { errorNotice } from '../../lib/notice.ts';
import type { Panel, View } from './panel.ts';

export function noticesView(panel: Panel): View {
  const area = noticeArea();
  return {
    element: area.element,
    update: ({ model, failure }) => area.show([
      ...modelNotices(model, { command: panel.command, runsAgain: false }),
      ...(failure && !(failure.code === 'changed' && model?.changed) ? [errorNotice(failure)] : []),
    ]),
  };
}
