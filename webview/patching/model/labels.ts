/** What stands along the sides of a picture, and in front of its cells' values. */
import { isOfTokens } from '../../../src/shared/experiment/result.ts';
import type { Axis, ExperimentFrame } from '../../../src/shared/experiment/result.ts';
import { tokenTitle, tokenAt } from '../../lib/tokens/tokenWords.ts';
import type { LabelAt } from '../../lib/matrix/labelAt.ts';

const letters: Readonly<Partial<Record<Axis['name'], string>>> = { layer: 'L', head: 'H', neuron: 'N' };

/** "L3", "H0": numbers with their letter, everything else as it is. */
export const labelText = ({ name, labels }: Axis, at: number): string => {
  const label = labels[at] ?? '';
  if (name === 'scale') return `×${label.replace('-', '\u2212')}`;
  return /^\d+$/.test(label) ? `${letters[name] ?? ''}${label}` : label;
};

/** Positions are the tokens of the first pair where all pairs have the same there, else numbers. */
export function axisLabelsOf(axis: Axis, frame: Pick<ExperimentFrame, 'pairs'>): LabelAt {
  const tokens = isOfTokens(axis) ? frame.pairs[0]?.clean ?? [] : [];
  return (at) => {
    if (axis.labels[at] === undefined) return undefined;
    const text = labelText(axis, at);
    const token = tokens[at];
    return token && token.text === text ? { text, title: tokenTitle(token, at), whole: tokenAt(tokens, at) } : { text, title: isOfTokens(axis) ? `@${at}` : text, whole: text };
  };
}

/** CSS pixels of a character of a label, air around it, and what it takes at least and at most; a token under the cursor has its position behind it. */
const [CHARACTER, AIR, LEAST, MOST, POSITION] = [7.3, 14, 30, 132, 26];

/** How much room the longest label takes. */
export function roomOf(axis: Axis): number {
  const longest = axis.labels.reduce((most, _, at) => Math.max(most, labelText(axis, at).length), 0);
  return Math.round(Math.min(Math.max(longest * CHARACTER + AIR + (isOfTokens(axis) ? POSITION : 0), LEAST), MOST));
}

/** Numbers stand upright above their columns; words are turned. */
export const isFlat = ({ name }: Axis): boolean => name !== 'position' && name !== 'sender';
