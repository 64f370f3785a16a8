/** How well each head's attention fits a pattern. */
import { CogscopeError } from '../../errors.ts';
import type { DetectionPattern } from '../../protocol/headApi.ts';
import { given, tokensOf } from '../code.ts';
import type { Frame, ViewCode } from '../code.ts';
import { py } from '../python.ts';
import type { ShownText, ViewOf } from '../view.ts';

/** Throws 'usage' for a drawn pattern on random tokens, which it says nothing of. */
export function headScoresCode(frame: Frame, { pattern, text }: ViewOf<'headScores'>): ViewCode {
  if (text.kind === 'repeated' && pattern.kind === 'drawn') throw new CogscopeError('usage', 'A drawn pattern is one of the prompt’s tokens', 'Score heads on this prompt');
  const isRepeated = text.kind === 'repeated';
  const where = wherePattern(pattern);
  return {
    about: `Heads by score: ${names[pattern.kind]}, on ${isRepeated ? 'random tokens that come twice' : 'one prompt'}`,
    part: {
      imports: isRepeated && !where.includes('head_detector') ? [] : ['headDetector'],
      constants: [...(pattern.kind === 'drawn' ? drawnConstants(pattern) : []), ...(isRepeated ? repeatedConstants(text) : [])],
      functions: [...(isRepeated ? [UNIFORM, ROWS] : []), detectionFunction(pattern.kind, where), PATTERNS, isRepeated ? onRows(frame) : onPrompt(frame), reportFunction(frame)],
    },
  };
}

const names: Readonly<Record<DetectionPattern['kind'], string>> = {
  previousToken: 'previous token', duplicateToken: 'duplicate token', induction: 'induction', currentToken: 'current token', firstToken: 'first token', offset: 'a stated distance', drawn: 'a drawn pattern',
};

/** In Python, from `ids`, [positions], to where each position should look. */
function wherePattern(pattern: DetectionPattern): string {
  switch (pattern.kind) {
    case 'previousToken': return 'head_detector.get_previous_token_head_detection_pattern(ids[None])';
    case 'duplicateToken': return 'head_detector.get_duplicate_token_head_detection_pattern(ids[None])';
    case 'induction': return 'head_detector.get_induction_head_detection_pattern(ids[None])';
    case 'currentToken': return 'torch.eye(len(ids))';
    case 'firstToken': return 'torch.eye(len(ids))[0].repeat(len(ids), 1)';
    case 'offset': return `torch.ones(len(ids), len(ids)).triu(${pattern.offset}).tril(${pattern.offset})`;
    case 'drawn': return 'torch.tensor(DRAWN, dtype=torch.float)';
    default: return pattern satisfies never;
  }
}

const detectionFunction = (kind: DetectionPattern['kind'], where: string): string => `def detection(ids):
    """Where each position should look, [destination, source]: ${names[kind]}."""
    return ${where}`;

function drawnConstants({ size, values }: Extract<DetectionPattern, { readonly kind: 'drawn' }>): readonly string[] {
  const rows = Array.from({ length: size }, (_, row) => `    ${py(Array.from(values.subarray(row * size, (row + 1) * size), (value) => Number(value.toPrecision(7))))},`);
  return ['# As it was drawn, a row a destination.', 'DRAWN = [', ...rows, ']'];
}

const repeatedConstants = ({ rows, period, seed, start, end, length, pool }: Extract<ShownText, { readonly kind: 'repeated' }>): readonly string[] => [
  '# Rows of random tokens, tokens of each, and how many of these come twice.', `ROWS, LENGTH, PERIOD = ${rows}, ${length}, ${period}`,
  '# Ids that stand around them; stretches of ids, first and last, that they are drawn from, and by what.', `START, END = ${py(start)}, ${py(end)}`,
  `POOL = [${pool.map(([first, last]) => `(${first}, ${last})`).join(', ')}]`, `SEED = ${seed}`,
];

const UNIFORM = `def uniform(seed):
    """Numbers in [0, 1) by mulberry32: the same as in Cogscope from the same seed."""
    state, mask = seed & 0xFFFFFFFF, 0xFFFFFFFF
    while True:
        state = (state + 0x6D2B79F5) & mask
        mixed = ((state ^ (state >> 15)) * (state | 1)) & mask
        mixed ^= (mixed + (((mixed ^ (mixed >> 7)) * (mixed | 61)) & mask)) & mask
        yield ((mixed ^ (mixed >> 14)) & mask) / 2**32`;

const ROWS = `def repeated():
    """[ROWS, LENGTH]: tokens drawn at random, none twice, and then the same again."""
    drawn, rows = uniform(SEED), []
    for _ in range(ROWS):
        ids = [id for first, last in POOL for id in range(first, last + 1)]
        for at in range(PERIOD):
            other = at + int(next(drawn) * (len(ids) - at))
            ids[at], ids[other] = ids[other], ids[at]
        rows.append([*START, *(ids[:PERIOD] * 2)[:LENGTH - len(START) - len(END)], *END])
    return torch.tensor(rows)`;

const PATTERNS = `def patterns(bridge, ids):
    """[layers, heads, destination, source]"""
    _, cache = bridge.run_with_cache(ids[None].to(bridge.cfg.device), names_filter=lambda name: name.endswith("attn.hook_pattern"))
    return torch.stack([cache[f"blocks.{layer}.attn.hook_pattern"][0] for layer in range(bridge.cfg.n_layers)]).cpu()`;

const onRows = (frame: Frame): string => `def head_scores(${given(frame)}):
    """The share of their attention that positions spend where the pattern says, a mean over those that it says something about and over the rows: [layers, heads]."""
    found = []
    for ids in repeated():
        where = detection(ids)
        found.append((patterns(bridge, ids) * where).sum(-1)[..., where.sum(-1) > 0].mean(-1))
    return torch.stack(found).mean(0)`;

const onPrompt = (frame: Frame): string => `def head_scores(${given(frame)}):
    """Of all attention the share that falls where the pattern says (head_detector, error measure "mul"): [layers, heads]."""
    ids = ${tokensOf(frame)}[0].cpu()
    score = lambda head: head_detector.compute_head_attention_similarity_score(head, detection_pattern=detection(ids), exclude_bos=False, exclude_current_token=False, error_measure="mul")
    return torch.tensor([[score(head) for head in layer] for layer in patterns(bridge, ids)])`;

const reportFunction = (frame: Frame): string => `def report(${given(frame)}):
    found = head_scores(${given(frame)})
    for at in found.flatten().argsort(descending=True).tolist():
        layer, head = divmod(at, bridge.cfg.n_heads)
        print(f"{f'L{layer}H{head}':8}{found[layer, head].item():10.4f}")`;
