/** What a panel shows, as Python that gets the same from TransformerLens 4 (`TransformerBridge`, raw weights). training/views/rerun_views.py runs it. */
import type { ShortAddress } from '../addresses.ts';
import { CogscopeError } from '../errors.ts';
import type { Prompt } from '../protocol/engineApi.ts';
import { given, promptLiteral } from './code.ts';
import type { Frame, ViewCode } from './code.ts';
import { boot, pythonFile, RUN } from './frame.ts';
import type { Part } from './python.ts';
import { IDS, specialConstant, TEXTS, TOKEN } from './tokens.ts';
import type { ShownView } from './view.ts';
import { differenceCode } from './views/difference.ts';
import { effectCode } from './views/effect.ts';
import { headScoresCode } from './views/headScores.ts';
import { lensCode } from './views/lens.ts';
import { meanCode } from './views/mean.ts';
import { outputsCode } from './views/outputs.ts';
import { patternCode } from './views/pattern.ts';
import { rolloutCode } from './views/rollout.ts';
import { scoresCode } from './views/scores.ts';
import { weightedCode } from './views/weighted.ts';
import { writesCode } from './views/writes.ts';

export interface Shown {
  /** The ONNX file's name. */
  readonly model: string;
  readonly prompt: Prompt;
  /** The head that is open or selected; null for views of all heads. */
  readonly head: Extract<ShortAddress, { readonly kind: 'head' }> | null;
  readonly view: ShownView;
}

type Kind = ShownView['kind'];

/** One file a view. */
const codes: { readonly [K in Kind]: (frame: Frame, view: Extract<ShownView, { readonly kind: K }>) => ViewCode } = {
  pattern: patternCode, scores: scoresCode, weighted: weightedCode, rollout: rolloutCode, effect: effectCode, difference: differenceCode, mean: meanCode,
  writes: writesCode, outputs: outputsCode, headScores: headScoresCode, lens: lensCode,
};

const ofAllHeads: readonly Kind[] = ['outputs', 'headScores', 'lens'];

/** Whether a view is one head's. */
export const needsHead = ({ kind }: ShownView): boolean => !ofAllHeads.includes(kind);

/** Whether a view is of a prompt that is typed. */
export const needsPrompt = (view: ShownView): boolean => view.kind !== 'mean' && !(view.kind === 'headScores' && view.text.kind === 'repeated');

/** Throws 'refused' for heads that TransformerLens's bridges have under no name that is known here: cross attention, and models of two towers; 'usage' where something is not chosen. */
export function writeViewPython({ model, prompt, head, view }: Shown): string {
  if (head && (head.tower !== '' || head.attention === 'cross')) {
    throw new CogscopeError('refused', 'This head has no counterpart in TransformerLens that could be written out', 'Choose a head of a model with one tower');
  }
  if (!head && needsHead(view)) throw new CogscopeError('usage', 'No head is chosen', 'Select one first');
  const frame: Frame = { prompt, head: head ?? { layer: 0, head: 0 }, hasTokenizer: needsTokenizer(prompt, view) };
  const { about, part } = codeOf(frame, view);
  return pythonFile(`${about}. With TransformerLens, as Cogscope shows it.`, [promptPart(frame, model, view), part, mainPart(frame)]);
}

/** The table's row takes the view's own kind: the key says so, which the compiler does not follow. */
const codeOf = <K extends Kind>(frame: Frame, view: Extract<ShownView, { readonly kind: K }>): ViewCode => (codes[view.kind] as (frame: Frame, view: ShownView) => ViewCode)(frame, view);

const promptsOf = (prompt: Prompt, view: ShownView): readonly Prompt[] => [...(needsPrompt(view) ? [prompt] : []), ...('second' in view ? [view.second] : []), ...('prompts' in view ? view.prompts : [])];

const needsToken = (view: ShownView): boolean => ('target' in view && typeof view.target === 'string') || ('distractor' in view && typeof view.distractor === 'string');

function needsTokenizer(prompt: Prompt, view: ShownView): boolean {
  return needsToken(view) || promptsOf(prompt, view).some(({ kind }) => kind === 'text');
}

/** The prompt and how it becomes ids, where the view reads one. */
function promptPart(frame: Frame, model: string, view: ShownView): Part {
  const { prompt, hasTokenizer } = frame;
  const of = `# Of ${model.replace(/[^\w .()-]/g, '?')}.`;
  if (promptsOf(prompt, view).length === 0) return { imports: [], constants: [of], functions: [] };
  const isSpecial = promptsOf(prompt, view).some((one) => one.kind === 'text' && one.special);
  return {
    imports: hasTokenizer ? ['tokenizer'] : [],
    constants: [of, ...(view.kind === 'mean' ? [] : [`PROMPT = ${promptLiteral(prompt)}`]), ...(hasTokenizer ? specialConstant(isSpecial) : [])],
    functions: [hasTokenizer ? TEXTS : IDS, ...(needsToken(view) ? [TOKEN] : [])],
  };
}

const mainPart = (frame: Frame): Part => ({
  imports: [], constants: [], functions: [`def main():
${boot(frame.hasTokenizer)}
    report(${given(frame)})


${RUN}`],
});
