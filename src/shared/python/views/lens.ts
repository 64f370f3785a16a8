/** States read as tokens, and a logit taken apart, as the lens panel shows them. */
import { given, tokenId, tokensOf, word, wordsOf } from '../code.ts';
import type { Frame, ViewCode } from '../code.ts';
import { py } from '../python.ts';
import type { ViewOf } from '../view.ts';
import { attributionFunctions } from './attribution.ts';

/** Tokens of each state and position. */
const TOP = 5;

export function lensCode(frame: Frame, view: ViewOf<'lens'>): ViewCode {
  const { mid, target, distractor, positions } = view;
  const parts = target === null ? [] : attributionFunctions(frame, target, distractor);
  return {
    about: `The logit lens${target === null ? '' : `, and ${distractor === null ? 'a token’s logit' : 'the difference of two tokens’ logits'} as a sum of what the model’s parts write (direct logit attribution)`}`,
    part: {
      imports: [],
      constants: [
        '# Tokens of each state.', `TOP = ${TOP}`,
        ...(target === null ? [] : ['# Which token is asked about.', `TARGET = ${py(target)}`]),
        ...(distractor === null ? [] : ['# Whose logit is taken away from it where it is taken apart.', `DISTRACTOR = ${py(distractor)}`]),
        ...(target === null ? [] : ['# Where it is taken apart; negative counts from the end.', `POSITIONS = ${py(positions)}`]),
      ],
      functions: [lensFunction(frame, mid, target), ...parts, report(frame, target)],
    },
  };
}

const lensFunction = (frame: Frame, mid: boolean, target: ViewOf<'lens'>['target']): string => `def lens(${given(frame)}):
    """Every state of the residual stream through the model's own final norm and unembedding. By name: [states, positions] each, and of the top tokens [states, positions, TOP]."""
    logits, cache = bridge.run_with_cache(${tokensOf(frame)})
    states, names = cache.accumulated_resid(layer=None, incl_mid=${mid ? 'True' : 'False'}, apply_ln=False, return_labels=True)
${target === null ? '' : `    target = ${tokenId(target, 'TARGET')}\n`}    rows = []
    for state in states:
        read = bridge.unembed(bridge.ln_final(state))[0]
        spread = read.log_softmax(-1)
        top = spread.topk(TOP)
        rows.append({
            "ids": top.indices, "probabilities": top.values.exp(), "entropy": -(spread.exp() * spread).sum(-1), "norm": state[0].norm(dim=-1),${target === null ? '' : `
            "target": spread[:, target].exp(), "rank": (read > read[:, target, None]).sum(-1) + 1,`}
        })
    # A model that caps its logits has more behind its states than a norm and a matrix.
    assert torch.allclose(read, logits[0], atol=1e-3), "the last state is not read as the model reads it"
    return names, {name: torch.stack([row[name] for row in rows]) for name in rows[0]}`;

const report = (frame: Frame, target: ViewOf<'lens'>['target']): string => `def report(${given(frame)}):
    names, read = lens(${given(frame)})
    for position, behind in enumerate(${wordsOf(frame)}):
        print(f"after {behind!r} @{position}")
        for at, name in enumerate(names):
            print(f"    {name:12} {${word(frame, "read['ids'][at, position, 0].item()")}!r:20} {read['probabilities'][at, position, 0].item():8.2%}"${target === null ? ')' : `
                  f"  target {read['target'][at, position].item():8.2%}, rank {read['rank'][at, position].item()}")
    parts, logit = attribution(${given(frame)})
    print("logit, mean over POSITIONS")
    for address, values in sorted(parts.items(), key=lambda part: -abs(part[1].mean().item())):
        print(f"    {address:28}{values.mean().item():10.4f}")
    print(f"    {'remainder':28}{(logit - sum(parts.values())).mean().item():10.1e}\\n    {'logit':28}{logit.mean().item():10.4f}")`}`;
