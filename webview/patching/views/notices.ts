/** Lines under the toolbar: what the engine, the file, trust or the last run have to say. Each with at most one thing to do. */
import type { ModelSummary } from '../../../src/shared/summary.ts';
import { elsewhereWords, givenElsewhere } from '../../lib/elsewhere.ts';
import { modelNotices, noticeArea } from '../../lib/modelNotices.ts';
import { errorNotice, noticeLine } from '../../lib/notice.ts';
import { summaryOf } from '../model/read.ts';
import type { Panel, View } from './panel.ts';

export function noticesView(panel: Panel): View {
  const area = noticeArea();
  return {
    element: area.element,
    update: ({ model, failure }) => area.show([
      ...modelNotices(model, { command: panel.command, runsAgain: false }),
      ...elsewhereOf(summaryOf({ model })),
      ...(failure && !(failure.code === 'changed' && model?.changed) ? [errorNotice(failure)] : []),
    ]),
  };
}

/** Models that take more than a prompt. */
function elsewhereOf(summary: ModelSummary | null): readonly HTMLElement[] {
  const inputs = summary ? givenElsewhere(summary) : [];
  return inputs.length === 0 ? [] : [noticeLine({ kind: 'info', text: `This model takes ${elsewhereWords(inputs)}, and experiments run on prompts alone.` })];
}
