/** The patching panel under test: the few things that every test of it does. */
import type { ExperimentProgress } from '../../src/shared/experiment/result.ts';
import type { Patching } from '../../src/shared/experiment/experiment.ts';
import { openPanel } from './harness.ts';
import type { Panel, PanelOptions } from './harness.ts';
import { induction, later, runDone } from './steps.ts';

/** The words after the second "door" are known from the first; with two exchanged, others are. */
export const pair = {
  clean: 'cat milk door piano snow wolf bread cat milk door', corrupted: 'cat milk door wolf snow piano bread cat milk door', target: ' piano', distractor: ' wolf',
} as const;

export const byHead: Patching = {
  kind: 'activation-patching', model: '', pairs: [pair], metric: 'logit-difference', position: -1, special: true, expect: [], direction: 'denoise', sites: ['z'], by: 'head',
};
export const byPosition: Patching = { ...byHead, sites: ['resid_pre'], by: 'position' };

export const openPatching = (options: Omit<PanelOptions, 'model'> & { readonly model?: string | null }): Promise<Panel> => openPanel('patching', { model: induction, ...options });

export const area = (panel: Panel, side: 'clean' | 'corrupted' | 'dec.clean' | 'dec.corrupted') => panel.page.locator(`.prompt-area[data-side="${side}"] textarea`);
export const field = (panel: Panel, name: string) => panel.page.locator(`[data-field=${name}] input`);
export const button = (panel: Panel, label: string) => panel.page.locator(`vscode-button[aria-label="${label}"]`);
export const problem = (panel: Panel, text: string | RegExp) => panel.page.locator('.field-problem').filter({ hasText: text });

/** Both prompts are there as tokens, so that a run is possible. */
export async function typed(panel: Panel): Promise<void> {
  await panel.page.locator('.align-column .token').first().waitFor();
}

export async function run(panel: Panel): Promise<void> {
  await typed(panel);
  await button(panel, 'Run').click();
  await runDone(panel);
}

/** The colour in the middle of a cell of a map, and whether all of the cell has it. */
export function cellColour(panel: Panel, { map = 0, row, col, rows, cols }: { readonly map?: number; readonly row: number; readonly col: number; readonly rows: number; readonly cols: number }): Promise<{ readonly colour: readonly [number, number, number]; readonly solid: boolean }> {
  return panel.page.evaluate((at) => {
    const canvas = document.querySelectorAll<HTMLCanvasElement>('.map-canvas')[at.map];
    if (!canvas) throw new Error(`no map ${at.map}`);
    const [width, height] = [canvas.width / at.cols, canvas.height / at.rows];
    const [left, top] = [Math.round(at.col * width), Math.round(at.row * height)];
    const { data } = canvas.getContext('2d')?.getImageData(left + 1, top + 1, Math.floor(width) - 3, Math.floor(height) - 3) ?? { data: new Uint8ClampedArray() };
    const middle = 4 * Math.floor(data.length / 8);
    const colour = [data[middle] ?? 0, data[middle + 1] ?? 0, data[middle + 2] ?? 0] as const;
    return { colour, solid: data.every((byte, index) => byte === data[index % 4]) };
  }, { map, row, col, rows, cols });
}

type HandlersOf = NonNullable<PanelOptions['handlers']>;

/** Sweeps whose progress stops before what `hold` names, until it is let go. Everything else is the real engine's. */
export function held(hold: (progress: ExperimentProgress) => boolean): { readonly handlers: HandlersOf; letGo(): void; readonly aborted: Promise<void> } {
  const [gate, aborted] = [later(), later()];
  return {
    letGo: () => gate.settle(),
    aborted: aborted.promise,
    handlers: (real) => ({
      experiment: async (params, context) => {
        context.signal.addEventListener('abort', () => aborted.settle());
        let before: Promise<unknown> = Promise.resolve();
        const outcome = await real.experiment(params, {
          signal: context.signal,
          progress: (body) => {
            if (hold(body as ExperimentProgress)) before = before.then(() => gate.promise);
            before = before.then(() => context.progress(body));
          },
        });
        await before;
        return outcome;
      },
    }),
  };
}
