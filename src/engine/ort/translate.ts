/** ONNX Runtime's errors in plain words. */
import { CogscopeError } from '../../shared/errors.ts';

interface Rule {
  readonly fits: RegExp;
  readonly what: string;
  readonly todo: string;
}

const rules: readonly Rule[] = [
  { fits: /not a registered function\/op|is not supported in opset|No Op registered/i, what: 'The model uses an operator that ONNX Runtime does not know', todo: 'Export it with a lower opset or without custom operators' },
  { fits: /Could not find an implementation/i, what: 'ONNX Runtime cannot compute one of the operators on this processor', todo: 'Export the model in float32' },
  { fits: /opset|ir_version|IR version/i, what: 'The model is newer than the ONNX Runtime in this version of Cogscope', todo: 'Export it with a lower opset' },
  { fits: /external data|External initializer|file_size|out of bounds of the file|cannot be memory mapped/i, what: 'The model’s external data cannot be read', todo: 'Put the data file beside the model' },
  { fits: /bad_alloc|Failed to allocate|out of memory/i, what: 'There is not enough memory for this', todo: 'Use a shorter prompt or fewer prompts at a time' },
  { fits: /indices element out of data bounds|idx=|out of bounds/i, what: 'A token id or position is outside what the model was built for', todo: 'Use a shorter prompt and ids of this model’s tokenizer' },
  { fits: /incompatible dimensions|cannot broadcast|broadcast|Shape mismatch|cannot be reshaped|Got invalid dimensions|Invalid rank/i, what: 'The inputs do not fit the model’s shapes', todo: 'Use a prompt of the length that the model was exported for' },
];

export function translate(error: unknown, when: 'load' | 'run'): CogscopeError {
  if (error instanceof CogscopeError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  const rule = rules.find((candidate) => candidate.fits.test(detail));
  const what = rule?.what ?? (when === 'load' ? 'ONNX Runtime refuses the model' : 'The model failed while it ran');
  return new CogscopeError('refused', what, rule?.todo ?? 'Read the details for the runtime’s own words', '', detail);
}
