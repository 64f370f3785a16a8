/**
 * The attention panel in Chromium, as it ships: 144 heads of 512 tokens and one head of 1,024. The host tells patterns that are made up, so that
 * nothing is measured but what the panel does with them.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { sparsePatterns } from '../src/engine/analysis/patterns.ts';
import { openAttention, runPrompt } from '../test/webview/attentionPanel.ts';
import { statusSays } from '../test/webview/steps.ts';
import { closeBrowser } from '../test/webview/harness.ts';
import type { Panel } from '../test/webview/harness.ts';
import { made } from '../test/webview/madePatterns.ts';
import { summaryFixture } from '../test/unit/attention-summary.ts';
import { kB, median } from './lib/results.ts';
import type { Result } from './lib/results.ts';

const FIRST_PAINT_MS = 100;
/** One frame of 60 a second, and what a frame's length may be read too long by. */
const FRAME_MS = 1000 / 60;
const FRAME_SLACK_MS = 1;
const HEAD_KB = 64;
const BUNDLE_KB = 300;

export async function measurePanels(): Promise<readonly Result[]> {
  try {
    return [...await measureGrid(), ...await measureLarge(), ...measureBytes()];
  } finally {
    await closeBrowser();
  }
}

const percentile = (values: readonly number[], share: number): number => [...values].sort((a, b) => a - b)[Math.min(Math.floor(values.length * share), values.length - 1)] ?? NaN;

async function open(length: number, layers: number, heads: number): Promise<Panel> {
  const { handlers } = made(length, Array.from({ length: layers }, (_, layer) => ({ tower: '', layer, heads })));
  return openAttention({ model: null, host: { state: { kind: 'open', summary: summaryFixture({ layers, heads }) } }, handlers, size: { width: 1500, height: 900 } });
}

interface Probes {
  /** When each layer's message was handed to the page. */
  readonly arrived: number[];
  /** When each layer's row was first drawn, by its canvas. */
  readonly drawn: number[];
  /** From a pointer's move to the words of the cell. */
  readonly answers: number[];
}

/** Notes, in the page, when layers arrive, when their rows are drawn, and how long a pointer's move takes. */
function installProbes(): void {
  const probes: Probes = { arrived: [], drawn: [], answers: [] };
  Object.assign(window, { probes });
  window.addEventListener('message', ({ data }: MessageEvent<{ readonly kind?: string; readonly body?: { readonly kind?: string } } | null>) => {
    if (JSON.stringify(data, (_, value: unknown) => (ArrayBuffer.isView(value) || value instanceof ArrayBuffer ? null : value)).includes('"layer"')) probes.arrived.push(performance.now());
  }, { capture: true });
  const rows = new Set<HTMLCanvasElement>();
  const put = CanvasRenderingContext2D.prototype.putImageData;
  const putAndNote = function note(this: CanvasRenderingContext2D, ...given: Parameters<typeof put>): void {
    put.apply(this, given);
    if (!this.canvas.classList.contains('heads-canvas') || rows.has(this.canvas)) return;
    rows.add(this.canvas);
    probes.drawn.push(performance.now());
  };
  CanvasRenderingContext2D.prototype.putImageData = putAndNote as typeof put;
  let moved = 0;
  window.addEventListener('pointermove', () => {
    moved = performance.now();
  }, { capture: true });
  window.addEventListener('pointermove', () => probes.answers.push(performance.now() - moved));
}

const probesOf = (panel: Panel): Promise<Probes> => panel.page.evaluate(() => (window as unknown as { readonly probes: Probes }).probes);

async function measureGrid(): Promise<readonly Result[]> {
  const panel = await open(512, 12, 12);
  await panel.page.evaluate(installProbes);
  await runPrompt(panel, '1, 2');
  await panel.page.waitForFunction(() => (window as unknown as { readonly probes: Probes }).probes.drawn.length === 12);
  const { arrived, drawn } = await probesOf(panel);
  const paints = drawn.map((at, layer) => at - (arrived[layer] ?? NaN));
  const head = await panel.page.locator('[data-address=L3H5]').boundingBox();
  for (let step = 0; head && step < 100; step++) await panel.page.mouse.move(head.x + ((step * 7) % head.width), head.y + ((step * 11) % head.height));
  const { answers } = await probesOf(panel);
  await panel.close();
  return [
    { id: 'panels.paint.ms', what: 'A layer of 12 heads at 512 tokens, from its arrival to its picture', value: Math.max(...paints), unit: 'ms', limit: FIRST_PAINT_MS, note: `the slowest of 12; median ${median(paints).toFixed(1)} ms` },
    { id: 'panels.hover.ms', what: '  the cell under the pointer in words', value: percentile(answers, 0.95), unit: 'ms', limit: FRAME_MS, note: `95 of 100 moves take no longer; median ${median(answers).toFixed(2)} ms` },
  ];
}

async function measureLarge(): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const length of [512, 1024]) {
    const panel = await open(length, 1, 2);
    await runPrompt(panel, '1, 2');
    await panel.page.locator('[data-address=L0H1]').dblclick();
    await panel.page.locator('.matrix-body').press('Home');
    await statusSays(panel, /· [\d.e−]+$/);
    for (let zoom = 0; zoom < 4; zoom++) await panel.page.locator('.matrix-body').press('+');
    const clock = await processorClock(panel);
    for (const how of ['move', 'zoom'] as const) {
      const before = await clock();
      const times = await frames(panel, how);
      const work = (await clock() - before) / times.length;
      const what = how === 'move' ? `A frame while a head of ${length} tokens is moved, 16 times as large as the panel` : '  a frame while it is zoomed';
      results.push(
        { id: `panels.${how}.${length}`, what, value: percentile(times, 0.95), unit: 'ms', limit: FRAME_MS + FRAME_SLACK_MS, note: `95 of 100 frames take no longer; median ${median(times).toFixed(1)} ms of ${times.length}` },
        { id: `panels.${how}.${length}.work`, what: '    the page’s own work in it', value: work, unit: 'ms', limit: FRAME_MS, note: 'mean processor time of its main thread, whatever else runs' },
      );
    }
    await panel.close();
  }
  return results;
}

/** A clock of the processor time that the page's main thread takes, milliseconds. */
async function processorClock(panel: Panel): Promise<() => Promise<number>> {
  const session = await panel.page.context().newCDPSession(panel.page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN);
  };
}

/** Milliseconds between frames while every frame moves or zooms what is seen. */
const frames = (panel: Panel, how: 'move' | 'zoom'): Promise<readonly number[]> => panel.page.evaluate(async (way) => {
  const matrix = document.querySelector('.matrix');
  const body = document.querySelector('.matrix-body');
  if (!matrix || !body) throw new Error('no head is opened');
  const { left, top } = matrix.getBoundingClientRect();
  const times: number[] = [];
  let before = await new Promise<number>(requestAnimationFrame);
  for (let frame = 0; frame < 180; frame++) {
    if (way === 'move') matrix.scrollBy(frame % 120 < 60 ? 9 : -9, frame % 80 < 40 ? 7 : -7);
    else body.dispatchEvent(new WheelEvent('wheel', { ctrlKey: true, deltaY: frame % 60 < 30 ? -4 : 4, clientX: left + 300, clientY: top + 300, bubbles: true, cancelable: true }));
    const now = await new Promise<number>(requestAnimationFrame);
    times.push(now - before);
    before = now;
  }
  return times;
}, how);

function measureBytes(): readonly Result[] {
  const heads = [512, 1024, 4096].map((length): Result => {
    const { keys, weights } = sparsePatterns({ shape: [1, 1, length, length], data: new Float32Array(length * length) }, { tower: '', attention: 'self', layer: 0 });
    return { id: `panels.bytes.${length}`, what: `Sent of one head at ${length} tokens`, value: (keys.byteLength + weights.byteLength) / kB, unit: 'kB', limit: HEAD_KB, note: `${keys.length / length} keys a row` };
  });
  const bundle = statSync(join(import.meta.dirname, '../dist/webview/attention.js')).size;
  return [...heads, { id: 'panels.bundle', what: 'The attention panel’s script', value: bundle / kB, unit: 'kB', limit: BUNDLE_KB, note: 'as it ships' }];
}
