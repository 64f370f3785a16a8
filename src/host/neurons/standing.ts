/** How the index of a model stands, in words. Pure. */
import { bytes, count, counted } from '../../shared/format.ts';
import type { NeuronIndexInfo, NeuronLayer } from '../../shared/neurons/figures.ts';
import { whatOf } from './words.ts';

/** An index as somebody sees it who looks at its model. */
export type IndexShown =
  | { readonly kind: 'none' }
  | { readonly kind: 'running' }
  /** It lies there; the engine has not told of it yet. */
  | { readonly kind: 'unread'; readonly why: string }
  | { readonly kind: 'usable'; readonly info: NeuronIndexInfo; readonly written: Date; readonly layers: readonly NeuronLayer[] }
  | { readonly kind: 'stale'; readonly reason: string; readonly info: NeuronIndexInfo; readonly written: Date }
  | { readonly kind: 'refused'; readonly why: string };

export interface IndexWords {
  /** In a few words. */
  readonly short: string;
  /** What there is to say, a sentence or fact each. */
  readonly lines: readonly string[];
}

export function indexWords(shown: IndexShown): IndexWords {
  switch (shown.kind) {
    case 'none':
      return { short: 'none yet', lines: ['What each neuron fires on is known once texts of yours are indexed'] };
    case 'running':
      return { short: 'being made', lines: ['It can be paused; what is done is kept'] };
    case 'unread':
      return { short: 'not read yet', lines: [shown.why] };
    case 'usable': {
      const { info, written } = shown;
      return { short: `${sizeOf(info)}, ${dateOf(written)}`, lines: [...(info.finished ? [] : ['It is not finished, and can be gone on with']), ...factsOf(info, written)] };
    }
    case 'stale':
      return { short: 'stale', lines: [`${shown.reason}: nothing is read from it until it is made again`, ...factsOf(shown.info, shown.written)] };
    case 'refused':
      return { short: 'cannot be read', lines: [shown.why] };
    default:
      return shown satisfies never;
  }
}

/** "36,120 tokens", "12,000 of about 36,120 tokens". */
export const sizeOf = ({ finished, tokens, expected }: Pick<NeuronIndexInfo, 'finished' | 'tokens' | 'expected'>): string =>
  finished ? counted(tokens, 'token') : `${count(tokens)} of about ${counted(Math.max(tokens, expected), 'token')}`;

const TEXTS = 3;

function factsOf(info: NeuronIndexInfo, written: Date): readonly string[] {
  const { texts, bytes: size } = info;
  const more = texts.length > TEXTS ? ` and ${counted(texts.length - TEXTS, 'more', 'more')}` : '';
  return [`${sizeOf(info)} of ${texts.slice(0, TEXTS).map((text) => text.slice(text.lastIndexOf('/') + 1)).join(', ')}${more}`, whatOf(info), `${bytes(size)}, last written on ${dateOf(written)}`];
}

/** "29 Nov 2026, 10:33". */
const dateOf = (date: Date): string => date.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
