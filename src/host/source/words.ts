/** What a line of Python made, in the words of its CodeLens and its inlay hint. Pure. */
import { capitalised, counted, layersWords } from '../../shared/format.ts';
import type { CalledPart, LayerPart, MadeLine, MadeTensor } from '../../shared/sourceMap.ts';
import type { Axis, SourceLine } from '../../shared/summary.ts';
import type { FoundLine } from './findLine.ts';
import { fileName } from './match.ts';

const parts: Readonly<Record<LayerPart, string>> = { block: '', attention: 'attention of', cross: 'cross attention of', mlp: 'MLP of' };

/** Activations that a panel shows: the lines that made them have a lens. */
const shown: Readonly<Record<string, string>> = { 'attn.hook_pattern': 'attention pattern', 'cross_attn.hook_pattern': 'pattern of cross attention', 'mlp.hook_post': 'MLP activations' };

/** What hooks are called beside code; the others by the name of the hook. */
const names: Readonly<Record<string, string>> = { ...shown, 'attn.hook_attn_scores': 'attention scores', 'cross_attn.hook_attn_scores': 'scores of cross attention', 'ln_final.hook_normalized': 'final norm' };

/** "hook_resid_mid" → "resid_mid", "attn.hook_q" → "attn q". */
const hookName = (hook: string): string => names[hook] ?? hook.replace(/(^|\.)hook_/, (_, dot: string) => (dot === '' ? '' : ' '));

export const shapeText = (shape: readonly Axis[]): string => `[${shape.map((axis) => axis ?? '?').join(', ')}]`;

/** "layers 0–3", "dec. layer 2"; empty for what belongs to no layer. */
const layersOf = ({ tower, layers }: { readonly tower: string; readonly layers: readonly number[] }): string =>
  (layers.length === 0 ? '' : `${tower === '' ? '' : `${tower}. `}${layersWords(layers)}`);

/** Heads of what a line made; undefined where it made none, or their number is unknown. */
function headsOf({ hook, shape }: MadeTensor): number | undefined {
  const heads = hook?.endsWith('.hook_pattern') ? shape[1] : undefined;
  return typeof heads === 'number' ? heads : undefined;
}

function madeTitle(tensor: MadeTensor): string {
  const heads = headsOf(tensor);
  return `${hookName(tensor.hook ?? '')} of ${layersOf(tensor)}${heads === undefined ? '' : `, ${counted(heads, 'head')}${tensor.layers.length > 1 ? ' each' : ''}`}`;
}

export const calledTitle = (call: CalledPart): string => `${parts[call.part]} ${layersOf(call)}`.trim();

/** "Attention pattern of layers 0–3, 8 heads each"; undefined for a line that made nothing that a person looks at by itself. */
export function lensTitle({ made, calls }: MadeLine): string | undefined {
  const titles = [...calls.map(calledTitle), ...made.filter(({ hook }) => hook !== null && hook in shown).map(madeTitle)];
  return titles.length === 0 ? undefined : capitalised(titles.join('; '));
}

/** Short, since the editor cuts hints: "pattern" and not "attention pattern". */
const shortName = (hook: string): string => (hook.split('.').at(-1) ?? hook).replace(/^hook_/, '');

const isShown = ({ hook }: MadeTensor): boolean => hook !== null && hook in shown;

/** Behind so many characters an editor cuts hints, wherever that is (`editor.inlayHints.maximumLength`). */
const HINT_CHARACTERS = 43;

/**
 * "layers 0–3: pattern [batch, 8, pos, pos] …": what a panel shows first, then what the line made last, as much as an editor shows. Empty where a line
 * made nothing that has a shape.
 */
export function hintText({ made }: MadeLine): string {
  const parts = [...new Set(made.map(layersOf))].flatMap((layers) => {
    const ours = made.filter((tensor) => layersOf(tensor) === layers);
    const told = [...sameShapes(ours.filter(isShown)), ...sameShapes(ours.filter((tensor) => !isShown(tensor)))];
    return told.map((text, index) => (index > 0 ? `, ${text}` : layers === '' ? text : `${layers}: ${text}`));
  });
  const more = ' …';
  let hint = '';
  for (const [index, part] of parts.entries()) {
    const next = index === 0 || part.startsWith(',') ? `${hint}${part}` : `${hint}; ${part}`;
    if (index > 0 && next.length + more.length > HINT_CHARACTERS) return `${hint}${more}`;
    hint = next;
  }
  return hint;
}

/** "q, k, v [batch, pos, 8, 32]" for each shape, the last one first. */
function sameShapes(made: readonly MadeTensor[]): readonly string[] {
  const shapes = [...new Set(made.map(({ shape }) => shapeText(shape)).reverse())];
  return shapes.map((shape) => {
    const hooks = made.filter((tensor) => shapeText(tensor.shape) === shape).flatMap(({ hook }) => (hook === null ? [] : [shortName(hook)]));
    return hooks.length === 0 ? shape : `${hooks.join(', ')} ${shape}`;
  });
}

/** What is not as it was recorded; undefined where the line is. `renamed` is the file's name now, where it is another one. */
export function changeText(kind: FoundLine['kind'], renamed: string | undefined, { file, line, code }: SourceLine): string | undefined {
  const moved = renamed === undefined ? [] : [`${fileName(file)} is not in the workspace, and ${renamed} has its lines.`];
  const gone = `Line ${line} was not found as recorded${code === '' ? '' : ` (${code})`}`;
  switch (kind) {
    case 'same':
      return moved[0];
    case 'similar':
      return [...moved, `${gone}: this is the line most like it.`].join(' ');
    case 'gone':
      return [...moved, `${gone}: it stood about here when the model was exported.`].join(' ');
    default:
      return kind satisfies never;
  }
}
