/** An experiment to begin with, from what a person has: perhaps a prompt, perhaps two. Pure. */
import type { Patching, PromptPair } from '../../shared/experiment/experiment.ts';

export interface DraftOptions {
  /** Absolute path. */
  readonly model: string;
  readonly pair: PromptPair;
  /** Add the tokens that the tokenizer puts around a text. */
  readonly special: boolean;
}

export const draftOf = ({ model, pair, special }: DraftOptions): Patching => ({
  kind: 'activation-patching', model, pairs: [{ corrupted: '', ...pair }], metric: 'logit-difference', position: -1, special, expect: [],
  direction: 'denoise', sites: ['resid_pre'], by: 'position',
});
