/** Attention rollout to a head's layer. */
import { given, matrixReport, tokensOf } from '../code.ts';
import type { Frame, ViewCode } from '../code.ts';

export const rolloutCode = (frame: Frame): ViewCode => ({
  about: 'Attention rollout, all heads of the layers up to one: an assumption, not a measurement (Abnar and Zuidema 2020, "Quantifying Attention Flow in Transformers")',
  part: {
    imports: [], constants: [`LAYER = ${frame.head.layer}`],
    functions: [`def rollout(${given(frame)}):
    """How much of each token's input stands behind LAYER if attention only mixed states and half of each were kept: [destination, source]."""
    _, cache = bridge.run_with_cache(${tokensOf(frame)}, names_filter=lambda name: name.endswith("attn.hook_pattern"))
    patterns = [cache[f"blocks.{layer}.attn.hook_pattern"][0].mean(0) for layer in range(LAYER + 1)]
    kept = torch.eye(len(patterns[0]), device=patterns[0].device)
    rolled = kept
    for mixed in patterns:
        rolled = (0.5 * mixed + 0.5 * kept) @ rolled
    return rolled`, matrixReport(frame, { values: `rollout(${given(frame)})`, strongest: 'row.argmax()' })],
  },
});
