/** How prompts become ids in the Python file. */
import type { Experiment } from '../experiment.ts';
import { lines, py } from '../../python/python.ts';
import type { Part } from '../../python/python.ts';
import { IDS, specialConstant, TEXTS, TOKEN } from '../../python/tokens.ts';

/** Texts need the model's tokenizer; where all is ids, none is loaded. */
export const hasText = ({ pairs }: Experiment): boolean => pairs.some((pair) => [pair.clean, pair.corrupted, pair.target, pair.distractor].some((source) => typeof source === 'string'));

/** What functions that read prompts are given. */
export const givenTo = (experiment: Experiment): string => (hasText(experiment) ? 'bridge, tokenizer' : 'bridge');

/** `file`: of the pairs, a line of JSON each, beside the Python file. */
export function promptsPart(experiment: Experiment, file: string | undefined): Part {
  const pairs = file === undefined
    ? lines('PAIRS = [', experiment.pairs.map((pair) => py(pair)), ']')
    : `PAIRS = [json.loads(line) for line in (Path(__file__).parent / ${py(file)}).read_text(encoding="utf-8").splitlines() if line.strip()]`;
  const constants = [pairs, '# Whose logits are measured; negative counts from the end.', `POSITION = ${experiment.position}`];
  const imports = file === undefined ? [] as const : ['json', 'path'] as const;
  if (!hasText(experiment)) return { imports, constants, functions: [IDS] };
  return { imports, constants: [...constants, ...specialConstant(experiment.special)], functions: [TEXTS, TOKEN] };
}
