/** What the views' code is made of: prompts, tokens and words in Python, spelled with a tokenizer only where one is needed. */
import type { TokenSource } from '../experiment/experiment.ts';
import type { Prompt } from '../protocol/engineApi.ts';
import { py } from './python.ts';
import type { Part } from './python.ts';

/** What stands in the file besides the view itself. */
export interface Frame {
  readonly prompt: Prompt;
  /** The head that the view is of, where it is one head's. */
  readonly head: { readonly layer: number; readonly head: number };
  readonly hasTokenizer: boolean;
}

/** A view's code. `about` is a sentence without its full stop, and holds no text of anybody's own. The last function of the part is `report`, which prints what the one before gives. */
export interface ViewCode {
  readonly about: string;
  readonly part: Part;
}

/** What functions that read prompts are given. */
export const given = ({ hasTokenizer }: Frame): string => (hasTokenizer ? 'bridge, tokenizer' : 'bridge');

/** The ids of a prompt that is one of the file's constants, [1, positions]. */
export const tokensOf = (frame: Frame, name = 'PROMPT'): string => `tokens(${given(frame)}, ${name})`;

/** The tokens of such a prompt as they are printed. */
export const wordsOf = (frame: Frame, name = 'PROMPT'): string => wordList(frame, `${tokensOf(frame, name)}[0].tolist()`);

/** A list of ids as it is printed. */
export const wordList = ({ hasTokenizer }: Frame, ids: string): string => (hasTokenizer ? `[tokenizer.decode([id]) for id in ${ids}]` : ids);

/** One id as it is printed. */
export const word = ({ hasTokenizer }: Frame, id: string): string => (hasTokenizer ? `tokenizer.decode([${id}])` : id);

/** The id of a token that is one of the file's constants. */
export const tokenId = (source: TokenSource, name: string): string => (typeof source === 'string' ? `token(tokenizer, PROMPT, ${name})` : name);

export const promptLiteral = (prompt: Prompt): string => py(prompt.kind === 'text' ? prompt.text : prompt.ids);

export const headConstant = ({ head: { layer, head } }: Frame): string => `LAYER, HEAD = ${layer}, ${head}`;

/** Prints the strongest source of each destination of what a function gives, [destination, source]. */
export function matrixReport(frame: Frame, { values, words = wordsOf(frame), strongest }: { readonly values: string; readonly words?: string; readonly strongest: string }): string {
  return `def report(${given(frame)}):
    values = ${values}
    words = ${words}
    for destination, row in enumerate(values):
        source = int(${strongest})
        print(f"{destination:4} {words[destination]!r:20} most at {source:4} {words[source]!r:20} {row[source].item():.4f}")`;
}
