/** The lower part of the panel: the grid of heads, one head large, or either as a table; and what to do before there is any. */
import './attention.css';
import '../../lib/controls.ts';
import { h } from '../../lib/dom.ts';
import { counted } from '../../../src/shared/format.ts';
import { addressOf } from '../model/heads.ts';
import { isEmpty } from '../../lib/text/prompt.ts';
import { takesImage, takesTokens } from '../model/prompt.ts';
import { isBeside } from '../model/beside.ts';
import { canRun, headsOf, layerCount, summaryOf } from '../model/read.ts';
import type { State } from '../model/state.ts';
import { aboutIcon } from '../../lib/about.ts';
import { about } from './about.ts';
import { besideView } from './beside.ts';
import { besideHeads } from './besideHeads.ts';
import { focusHead, headsView } from './heads.ts';
import type { Room } from './heads.ts';
import { largeView } from './large.ts';
import { legendView } from './legend.ts';
import type { Panel, View } from './panel.ts';
import { rankedView } from './ranked.ts';
import { scoreBar } from './scoreBar.ts';
import { scoreTable } from './scoreTable.ts';
import { writtenTable } from './writtenTable.ts';
import { tableView } from './table.ts';
import type { TableView } from './tableFrame.ts';
import { showsScores } from '../model/scores.ts';
import { writtenChoice } from '../model/written.ts';
import { drawDialog } from './drawDialog.ts';

export interface AttentionView extends View {
  focusFilter(): void;
  /** Moves the focus to what is shown: the opened head, the table, or the selected head. */
  focus(): void;
}

export function attentionView(panel: Panel, room: () => Room): AttentionView {
  const title = h('h2', { class: 'section-head' });
  const legend = legendView(panel);
  const hint = h('span', { class: 'muted' });
  const first = h('vscode-button', { onclick: () => (lacksImage(panel.state()) ? panel.chooseImage() : panel.runFirst()) });
  const before = h('div', { class: 'attention-before' }, hint, first);
  const top = h('div', { class: 'attention-top' }, h('div', { class: 'attention-title' }, title, aboutIcon(about.attention, (text) => panel.dispatch({ kind: 'said', text }))), legend.element, before);
  const heads = headsView(panel, room);
  const large = largeView(panel, room);
  const [sideHeads, sideLarge] = [besideHeads(panel, room), besideView(panel, room)];
  // Two pictures of everything: in the document only while they are shown.
  const beside = h('div', {});
  const [cellTable, ranked, detections, outputs] = [tableView(panel, room), rankedView(panel), scoreTable(panel, room), writtenTable(panel, room)];
  const drawing = drawDialog(panel);
  const bar = scoreBar(panel, drawing.open);
  // A table that is not shown yet cannot take the focus.
  let wantsFilter = false;
  const refused = h('div', { class: 'attention-refused' });
  const element = h('section', { class: 'attention', 'aria-label': 'Attention' }, top, refused, bar.element, heads.element, ranked.element, large.element, beside, cellTable.element, detections.element, outputs.element, drawing.element);
  const gridOf = (state: State): View => (isBeside(state) ? sideHeads : isRanked(state) ? ranked : heads);
  const tableOf = (state: State): TableView => (!showsScores(state) || state.place !== 'grid' ? cellTable : writtenChoice(state) === null ? detections : outputs);

  return {
    element,
    focusFilter: () => {
      const table = tableOf(panel.state());
      wantsFilter = !table.element.checkVisibility();
      if (!wantsFilter) table.focusFilter();
    },
    focus: () => {
      const { table: isTable, place, head } = panel.state();
      const table = tableOf(panel.state());
      if (isTable && wantsFilter) table.focusFilter();
      else if (isTable) table.focus();
      else if (place === 'head') (isBeside(panel.state()) ? sideLarge : large).focus();
      else if (head) focusHead(gridOf(panel.state()).element, addressOf(head));
      wantsFilter = false;
    },
    update: (state, previous) => {
      const hasAttention = layerCount(state) > 0;
      const isLarge = state.place === 'head' && state.head !== null;
      const shown = !hasAttention ? null : state.table ? tableOf(state) : !isLarge ? gridOf(state) : isBeside(state) ? sideLarge : large;
      for (const view of [heads, ranked, large, cellTable, detections, outputs]) view.element.hidden = view !== shown;
      const both = shown === sideHeads || shown === sideLarge ? shown.element : null;
      if (beside.firstChild !== both) {
        // A pointer does not leave what is taken out under it.
        panel.say('');
        beside.replaceChildren(...(both ? [both] : []));
      }
      title.textContent = titleOf(state);
      bar.element.hidden = takesImage(summaryOf(state)) || !hasAttention || !canRun(state) || state.place === 'head' || state.run?.difference !== undefined;
      bar.update(state, previous);
      legend.element.hidden = state.run === null || !hasAttention;
      before.hidden = state.run !== null || !canRun(state) || !hasAttention;
      hint.textContent = lacksImage(state) ? 'Every head’s attention to the patches of an image appears here, layer by layer.' : isEmpty(state.draft) && takesTokens(summaryOf(state)) ? 'Every head’s attention appears here, layer by layer.' : 'Run the prompt to see every head’s attention, layer by layer.';
      first.textContent = lacksImage(state) ? 'Choose image…' : isEmpty(state.draft) && takesTokens(summaryOf(state)) ? 'Run an example prompt' : 'Run';
      refused.replaceChildren(...refusalsOf(state));
      // A view that was hidden has not followed: it is drawn as new.
      const wasShown = previous !== null && previous.table === state.table && previous.place === state.place && showsScores(previous) === showsScores(state) && isBeside(previous) === isBeside(state) && previous.choice.byScore === state.choice.byScore && writtenChoice(previous) === writtenChoice(state);
      legend.update(state, previous);
      shown?.update(state, wasShown ? previous : null);
    },
  };
}

const lacksImage = (state: State): boolean => takesImage(summaryOf(state)) && state.image === null;

const isRanked = (state: State): boolean => showsScores(state) && state.choice.byScore;

function titleOf(state: State): string {
  const layers = layerCount(state);
  const heads = headsOf(state).length;
  return layers === 0 ? 'Attention' : `Attention · ${counted(layers, 'layer')}${heads > 0 ? ` · ${counted(heads, 'head')}` : ''}`;
}

/** Why there is no attention, or why nothing runs. */
function refusalsOf(state: State): readonly Node[] {
  const summary = summaryOf(state);
  if (!summary || (layerCount(state) > 0 && summary.runnable)) return [];
  const lead = summary.runnable ? 'No attention is shown for this model; predictions still work.' : 'This model cannot run.';
  return [h('p', {}, lead), h('ul', {}, ...summary.refused.map(({ what, reason }) => h('li', {}, h('span', {}, what), h('span', { class: 'muted' }, ` ${reason}`))))];
}
