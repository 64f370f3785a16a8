/** Where the two names of a prompt stand: the answer once, the other one twice, as in "Lily and Ben went to the park. Ben gave a ball to". */
import type { TokenInfo } from '../../../shared/protocol/engineApi.ts';

export interface NamedPlaces {
  readonly answer: number;
  readonly first: number;
  readonly second: number;
}

/** Of the tokens up to the measured position; a sentence where the prompt does not have this form. */
export function namedPlaces(tokens: readonly TokenInfo[], { target, distractor, position }: { readonly target: TokenInfo; readonly distractor: TokenInfo; readonly position: number }): NamedPlaces | string {
  // A name at the beginning of a text often has no space in front, and then is another token.
  const at = ({ id, text }: TokenInfo): readonly number[] =>
    tokens.flatMap((token, index) => (index <= position && (token.id === id || (text.trim() !== '' && token.text.trim() === text.trim())) ? [index] : []));
  const [answers, others] = [at(target), at(distractor)];
  const [answer] = answers;
  const [first, second] = others;
  if (answer === undefined || answers.length > 1) return `the target “${target.text.trim()}” stands ${times(answers.length)} in the clean prompt, not once`;
  if (first === undefined || second === undefined || others.length > 2) return `the distractor “${distractor.text.trim()}” stands ${times(others.length)} in the clean prompt, not twice`;
  return { answer, first, second };
}

const times = (count: number): string => ['nowhere', 'once', 'twice'][count] ?? `${count} times`;
