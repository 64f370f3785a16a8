/** The attention panel under test: the few things that every test of it does, and the outside truth that its pictures are held against. */
import assert from 'node:assert/strict';
import { toFloat32 } from '../../src/engine/ort/tensor.ts';
import { mix } from '../../webview/lib/color/oklab.ts';
import type { Rgb } from '../../webview/lib/color/oklab.ts';
import { goldens } from '../engine/fixtures.ts';
import { inTime } from '../lib/inTime.ts';
import { openPanel } from './harness.ts';
import type { Panel, PanelOptions } from './harness.ts';
import { runDone, shownRun } from './steps.ts';

/** Words of the example's vocabulary, said twice. */
export const words = 'cat milk door piano snow wolf bread cat milk door piano snow wolf';

/** PyTorch's activations of a style of fixture, for one of the two prompts that they were made on. */
export function golden(style: string, prompt: 0 | 1): { readonly ids: readonly number[]; readonly mask: readonly number[]; pattern(layer: number, head: number): Float32Array; readonly logits: Float32Array } {
  const tensors = goldens(style);
  const take = (name: string): { readonly data: Float32Array; readonly each: number } => {
    const tensor = tensors.get(name);
    assert.ok(tensor, `${style} has no golden ${name}`);
    const data = toFloat32(tensor);
    return { data, each: data.length / (tensor.dims[0] ?? 1) };
  };
  const row = (name: string): Float32Array => {
    const { data, each } = take(name);
    return data.slice(prompt * each, (prompt + 1) * each);
  };
  const ids = [...row('input.input_ids')];
  return {
    ids, mask: [...row('input.attention_mask')], logits: row('logits'),
    pattern: (layer, head) => row(`blocks.${layer}.attn.hook_pattern`).slice(head * ids.length ** 2, (head + 1) * ids.length ** 2),
  };
}

export const openAttention = (options: PanelOptions): Promise<Panel> => openPanel('attention', options);

export async function type(panel: Panel, text: string): Promise<void> {
  await panel.page.locator('.prompt-area textarea').fill(text);
}

export async function runPrompt(panel: Panel, text: string): Promise<void> {
  await type(panel, text);
  const before = await shownRun(panel);
  await panel.page.keyboard.press('Control+Enter');
  await runDone(panel, before + 1);
}

/** Waits until these rows of heads, in the order of layers, are painted and no others: one is once the browser has found it in sight. */
export const paintedAre = (panel: Panel, expected: readonly boolean[]): Promise<void> => inTime(async () => assert.deepEqual(await layersPainted(panel), expected));

export const layersPainted = (panel: Panel): Promise<readonly boolean[]> =>
  panel.page.locator('.heads-row').evaluateAll((rows) => rows.map((row) => {
    const canvas = row.querySelector('canvas');
    const data = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    return data.some((byte) => byte !== 0);
  }));

/** The colour in the middle of a cell of a small head, once its row is painted. */
export async function cellColour(panel: Panel, { layer, head, row, col, length }: { readonly layer: number; readonly head: number; readonly row: number; readonly col: number; readonly length: number }): Promise<Rgb> {
  await inTime(async () => assert.ok((await layersPainted(panel))[layer], `layer ${layer} is not painted`));
  return panel.page.evaluate(([layerAt, headAt, rowAt, colAt, count]) => {
    const rowElement = document.querySelectorAll('.heads-row')[layerAt];
    const canvas = rowElement?.querySelector('canvas');
    const cell = rowElement?.querySelectorAll('.head')[headAt];
    if (!canvas || !cell) throw new Error(`no head ${headAt} in layer ${layerAt}`);
    const [frame, box] = [canvas.getBoundingClientRect(), cell.getBoundingClientRect()];
    const scale = canvas.width / frame.width;
    const x = Math.floor((box.left - frame.left + (box.width * (colAt + 0.5)) / count) * scale);
    const y = Math.floor((box.top - frame.top + (box.height * (rowAt + 0.5)) / count) * scale);
    const [red = 0, green = 0, blue = 0] = canvas.getContext('2d')?.getImageData(x, y, 1, 1).data ?? [];
    return [red, green, blue] as const;
  }, [layer, head, row, col, length] as const);
}

/** A theme's colour as the page sees it. */
export function themeColour(panel: Panel, variable: string): Promise<Rgb> {
  return panel.page.evaluate((name) => {
    const probe = document.createElement('canvas').getContext('2d');
    if (!probe) throw new Error('no canvas');
    probe.fillStyle = getComputedStyle(document.body).getPropertyValue(name);
    probe.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = probe.getImageData(0, 0, 1, 1).data;
    return [red, green, blue] as const;
  }, variable);
}

/** What a share of ink looks like: from just above the background to the accent, in OKLab. */
export async function inkColours(panel: Panel): Promise<(share: number) => Rgb> {
  const [background, foreground, accent] = await Promise.all(['--vscode-editor-background', '--vscode-foreground', '--vscode-charts-blue'].map((name) => themeColour(panel, name)));
  assert.ok(background && foreground && accent);
  return (share) => mix(mix(background, foreground, 0.07), accent, share);
}

/** Colours that differ by no more than rounding to one of 253 levels can make them. */
export function sameColour(actual: Rgb, expected: Rgb, where: string): void {
  const difference = Math.max(...actual.map((value, index) => Math.abs(value - (expected[index] ?? NaN))));
  assert.ok(difference <= 2, `${where}: rgb(${actual.join()}) is not rgb(${expected.join()})`);
}
