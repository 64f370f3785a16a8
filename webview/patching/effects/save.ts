/** Exports the result: its cells as numbers, its heat maps as a drawing. */
import { resultCsv } from '../../../src/shared/experiment/resultCsv.ts';
import type { PatchingPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import type { Palette } from '../../lib/color/palette.ts';
import type { Host } from '../../lib/connect.ts';
import { mapsSvg } from '../export/svg.ts';
import type { State } from '../model/state.ts';

/** Resolves with what to say: where it was saved, or nothing where the person thought better of it. */
export async function saveResult({ host, state, palette }: { readonly host: Host<PatchingPanelApi>; readonly state: State; readonly palette: Palette }, format: 'csv' | 'svg'): Promise<string> {
  const { run, model } = state;
  if (!run?.frame) return '';
  const name = `${(model?.title ?? 'model').replace(/\.onnx$/, '')}-${run.experiment.kind}.${format}`;
  const content = format === 'csv' ? resultCsv({ frame: run.frame, ...run.values, passes: run.passes, ms: run.ms }) : mapsSvg(state, palette);
  return (await host.call('save', { name, content })) ? `Saved ${name}` : '';
}
