/** One cell in full: its values, and what its patch changed on the way. */
import { recovers } from '../../../src/shared/experiment/kinds.ts';
import type { Axis, ExperimentFrame } from '../../../src/shared/experiment/result.ts';
import type { PatchedRun } from '../../../src/shared/protocol/experimentApi.ts';
import { counted, significant } from '../../../src/shared/format.ts';
import { levelOf } from '../../lib/color/levels.ts';
import type { Field } from '../../lib/matrix/field.ts';
import { tokenAt } from '../../lib/tokens/tokenWords.ts';
import { levelsOf } from './field.ts';
import type { Picture } from './pictures.ts';
import { cellOf } from './read.ts';
import type { State } from './state.ts';

/** The same for the same run, cell and pair; empty where nothing is shown. */
export const inspectedKey = (state: Pick<State, 'run' | 'cell' | 'inspectedPair'>): string =>
  (cellOf(state) ? `${state.run?.serial} ${state.cell} ${state.inspectedPair}` : '');

/** The patched run of what is selected now; null while it has not come. */
export const patchedOf = (state: Pick<State, 'run' | 'cell' | 'inspectedPair' | 'inspected'>): PatchedRun | null =>
  (state.inspected?.key === inspectedKey(state) ? state.inspected.run : null);

/** Which run is edited. */
export const editedOf = ({ kind, direction }: Pick<ExperimentFrame, 'kind' | 'direction'>): 'clean' | 'corrupted' => (recovers(kind) && direction !== 'noise' ? 'corrupted' : 'clean');

/** Layers by positions. */
export function changePicture({ change }: PatchedRun, { pairs }: ExperimentFrame, pair: number): Picture {
  const rows: Axis = { name: 'layer', labels: Array.from({ length: change.layers }, (_, layer) => String(layer)) };
  const tokens = pairs[pair]?.clean ?? [];
  const columns: Axis = { name: 'position', labels: Array.from({ length: change.positions }, (_, at) => tokens[at]?.text ?? String(at)) };
  return { title: '', rows, columns, first: 0, count: change.layers * change.positions };
}

/** The end of the scale: how far the two unpatched runs are from each other, or the largest change where there is one run. */
export const changeLimit = ({ change, between }: PatchedRun): number => [...change.norms, ...(between ?? [])].reduce((most, norm) => Math.max(most, norm), 0) || 1;

export const changeField = (run: PatchedRun, picture: Picture): Field => {
  const limit = changeLimit(run);
  return levelsOf(picture, (index) => levelOf((run.change.norms[index] ?? NaN) / limit, 'linear'));
};

/** "L3 @4 ·piano · 12.3 from the corrupted run; the two prompts are 20.1 apart there" */
export function changeWords(run: PatchedRun, frame: ExperimentFrame, pair: number, index: number): string {
  const { positions, norms } = run.change;
  const [layer, at] = [Math.floor(index / positions), index % positions];
  const apart = run.between?.[index];
  return `L${layer} ${tokenAt(frame.pairs[pair]?.clean ?? [], at)} · ${significant(norms[index] ?? NaN)} from the ${editedOf(frame)} run${apart === undefined ? '' : `; the two prompts are ${significant(apart)} apart there`}`;
}

/** Where it changed most, for those who do not see the picture. */
export function changeSummary(run: PatchedRun, frame: ExperimentFrame, pair: number): string {
  const { norms } = run.change;
  const most = norms.reduce((best, norm, index) => (norm > (norms[best] ?? 0) ? index : best), 0);
  const touched = norms.reduce((sum, norm) => sum + (norm > 0 ? 1 : 0), 0);
  return touched === 0 ? 'The patch changed no state' : `The patch changed ${counted(touched, 'state')} of ${norms.length}, most at ${changeWords(run, frame, pair, most)}`;
}
