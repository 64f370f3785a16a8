/** What a first-time reader is told of attention. */
import type { About } from '../../lib/about.ts';

export const about = {
  attention: {
    label: 'About attention patterns',
    text: 'Each square is one head: a row is a token that reads, a column one that is read, the colour how much. See Elhage et al., A Mathematical Framework for Transformer Circuits (2021).',
  },
  habits: {
    label: 'About these measures',
    text: 'Mean weight over the rows of this prompt that have such a source. A head with much induction weight continues repeated text: Olsson et al., In-context Learning and Induction Heads (2022).',
  },
  scores: {
    label: 'About scores of heads',
    text: 'Mean share of a head’s attention that falls where the pattern says. On random tokens said twice nothing but a head’s habit can put it there: Olsson et al. (2022), and TransformerLens’s head detector.',
  },
} as const satisfies Readonly<Record<string, About>>;
