/** Options that more than one command has. */
import type { OptionSpec } from './args.ts';

export const commonOptions: readonly OptionSpec[] = [
  { name: 'tokenizer', value: 'FILE', about: 'The tokenizer.json to use, instead of the one beside the model or up to two folders above it.' },
  { name: 'threads', value: 'N', about: 'Threads within an operator; as many as there are cores unless given.' },
  { name: 'json', value: null, about: 'One JSON document on stdout, instead of text.' },
  { name: 'quiet', value: null, about: 'No progress and no remarks on stderr.' },
  { name: 'help', value: null, about: 'This text.' },
  { name: 'version', value: null, about: 'The version.' },
];
