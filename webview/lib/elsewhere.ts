/** Models that take more than a prompt: what the panels cannot give yet, and the command that can. */
import type { InputRole, ModelInput, ModelSummary } from '../../src/shared/summary.ts';
import { quoted } from './shell.ts';

const kinds: Partial<Readonly<Record<InputRole, { readonly what: string; option(name: string): string }>>> = {
  pixels: { what: 'images', option: () => '--image FILE' },
  features: { what: 'sound', option: (name) => `--input ${name}=FILE` },
  states: { what: 'states of another model', option: (name) => `--input ${name}=FILE` },
};

/** Inputs that neither a prompt gives nor the engine fills. */
export const givenElsewhere = ({ inputs }: ModelSummary): readonly ModelInput[] => inputs.filter(({ role, filledWith }) => filledWith === null && kinds[role] !== undefined);

/** "images and sound" */
export const elsewhereWords = (inputs: readonly ModelInput[]): string => [...new Set(inputs.flatMap(({ role }) => kinds[role]?.what ?? []))].join(' and ');

export function runCommand(summary: ModelSummary): string {
  const prompt = !summary.inputs.some(({ role }) => role === 'ids') ? [] : ['missing' in summary.tokenizer ? '--ids 1,2,3' : '--prompt TEXT'];
  return ['cogscope run', quoted(summary.model.path), ...prompt, ...givenElsewhere(summary).flatMap(({ name, role }) => kinds[role]?.option(name) ?? [])].join(' ');
}
