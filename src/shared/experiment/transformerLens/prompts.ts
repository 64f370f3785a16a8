/** How prompts become ids in the Python file. */
import type { Experiment } from '../experiment.ts';
import { lines, py } from './python.ts';
import type { Part } from './python.ts';

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
  return { imports, constants: [...constants, '# Add the tokens that the tokenizer puts around a text.', `SPECIAL = ${py(experiment.special)}`], functions: [TEXTS, TOKEN] };
}

const IDS = `def tokens(bridge, prompt):
    """[1, positions]"""
    return torch.tensor([prompt], device=bridge.cfg.device)`;

const TEXTS = `def tokens(bridge, tokenizer, prompt):
    """[1, positions] of a text or of token ids."""
    ids = tokenizer(prompt, add_special_tokens=SPECIAL)["input_ids"] if isinstance(prompt, str) else prompt
    return torch.tensor([ids], device=bridge.cfg.device)`;

const TOKEN = `def token(tokenizer, prompt, text):
    """The id of a token as it follows the prompt, else as it is alone."""
    if not isinstance(text, str):
        return text
    ids = lambda text: tokenizer(text, add_special_tokens=False)["input_ids"]
    if isinstance(prompt, str) and (together := ids(prompt + text))[:-1] == ids(prompt):
        return together[-1]
    alone = ids(text)
    assert len(alone) == 1, f"{text!r} is {len(alone)} tokens"
    return alone[0]`;
