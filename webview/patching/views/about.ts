/** What a first-time reader is told of each kind of experiment, with the paper that it comes from. */
import type { ExperimentKind } from '../../../src/shared/experiment/experiment.ts';
import type { About } from '../../lib/about.ts';

export const about: Readonly<Record<ExperimentKind, About>> = {
  'activation-patching': {
    label: 'About activation patching',
    text: 'Each cell puts one activation of one prompt’s run into a run of the other, and shows how much of the answer comes with it. See Vig et al., Causal Mediation Analysis (2020), and Heimersheim and Nanda, How to use and interpret activation patching (2024).',
  },
  'causal-tracing': {
    label: 'About causal tracing',
    text: 'Noise on the subject’s embeddings takes the answer away; each cell puts one clean state back. See Meng et al., Locating and Editing Factual Associations in GPT (2022).',
  },
  ablation: {
    label: 'About ablation',
    text: 'Each cell takes one activation away, and shows what the answer loses without it. See Michel et al., Are Sixteen Heads Really Better than One? (2019).',
  },
  'path-patching': {
    label: 'About path patching',
    text: 'Each cell is a sender: what it writes reaches the receivers alone, everything between is frozen. See Wang et al., Interpretability in the Wild (2022).',
  },
  steering: {
    label: 'About steering',
    text: 'Each cell adds a multiple of a direction to the stream at every position: a vector in a file, or what the two prompts differ by. See Turner et al., Activation Addition (2023).',
  },
};
