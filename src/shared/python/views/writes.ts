/** The tokens that a head writes at a position: in the run, or of one source alone (its OV circuit). */
import { given, headConstant, tokensOf, word } from '../code.ts';
import type { Frame, ViewCode } from '../code.ts';
import type { ViewOf } from '../view.ts';
import { MOVED, SCALE, TO_LOGITS } from './moved.ts';

type Reads = ViewOf<'writes'>['reads'];

const abouts: Readonly<Record<Reads, string>> = {
  run: 'The tokens whose logits one head raises and lowers most',
  state: 'The tokens whose logits one head would raise and lower most if it attended to one position alone',
  embedding: 'The tokens whose logits one head would raise and lower most if it attended to one token’s embedding alone (the OV circuit, Elhage et al. 2021)',
};

/** From `cache` to `vector`, [d_model]. */
const vectors: Readonly<Record<Reads, string>> = {
  run: '    vector = cache[f"blocks.{LAYER}.attn.hook_pattern"][0, HEAD, POSITION] @ moved(bridge, cache)',
  state: '    vector = moved(bridge, cache)[SOURCE]',
  embedding: `    # The embedding alone enters the layer, and goes through its own norm and values.
    embedding = cache["hook_embed"]
    with bridge.hooks(fwd_hooks=[(f"blocks.{LAYER}.hook_resid_pre", lambda activation, hook: embedding)]):
        _, alone = bridge.run_with_cache(ids)
    vector = moved(bridge, alone)[SOURCE]`,
};

export const writesCode = (frame: Frame, { position, source, reads }: ViewOf<'writes'>): ViewCode => ({
  about: abouts[reads],
  part: {
    imports: [],
    constants: [headConstant(frame), '# Where it writes; negative counts from the end.', `POSITION = ${position}`, ...(reads === 'run' ? [] : ['# What it reads.', `SOURCE = ${source}`])],
    functions: [MOVED, TO_LOGITS, `def writes(${given(frame)}):
    """What the head adds to every logit, the final norm's scale as it is in this run: [vocabulary]."""
    ids = ${tokensOf(frame)}
    _, cache = bridge.run_with_cache(ids)
${vectors[reads]}
    return to_logits(bridge, vector, bridge.W_U) / ${SCALE}[POSITION]`, `def report(${given(frame)}):
    effects = writes(${given(frame)})
    for what, order in (("raised most", effects.topk(10)), ("lowered most", effects.topk(10, largest=False))):
        print(what)
        for value, id in zip(order.values.tolist(), order.indices.tolist()):
            print(f"    {${word(frame, 'id')}!r:20} {value:8.4f}")`],
  },
});
