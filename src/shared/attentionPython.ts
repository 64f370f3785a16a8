/** What the attention panel shows of a head, as Python that gets the same from TransformerLens 4. */
import type { ShortAddress } from './addresses.ts';
import { CogscopeError } from './errors.ts';
import { indented, py } from './experiment/transformerLens/python.ts';
import type { Prompt } from './protocol/engineApi.ts';

export interface ShownHead {
  /** The ONNX file's name. */
  readonly model: string;
  readonly prompt: Prompt;
  readonly head: Extract<ShortAddress, { readonly kind: 'head' }>;
}

/** Throws 'refused' for heads that TransformerLens's bridges have under no name that is known here: cross attention, and models of two towers. */
export function writePatternPython({ model, prompt, head }: ShownHead): string {
  if (head.tower !== '' || head.attention === 'cross') {
    throw new CogscopeError('refused', 'This head has no counterpart in TransformerLens that could be written out', 'Choose a head of a model with one tower');
  }
  const isText = prompt.kind === 'text';
  const given = isText ? 'bridge, tokenizer' : 'bridge';
  const encoded = isText ? 'tokenizer(PROMPT, add_special_tokens=SPECIAL)["input_ids"]' : 'PROMPT';
  return `"""
One head's attention pattern with TransformerLens, as Cogscope's attention panel shows it.

    pip install transformer-lens==4.3.0
    python THIS_FILE MODEL

MODEL is what the ONNX file was exported from: its name on the Hugging Face Hub, or its folder. Weights are taken as they are: nothing is folded or centred.
"""
import sys

import torch
from transformer_lens.model_bridge import TransformerBridge
${isText ? 'from transformers import AutoTokenizer\n' : ''}
# Of ${model.replace(/[^\w .()-]/g, '?')}.
LAYER, HEAD = ${head.layer}, ${head.head}
PROMPT = ${py(isText ? prompt.text : prompt.ids)}
${isText ? `# Add the tokens that the tokenizer puts around a text.\nSPECIAL = ${py(prompt.special)}\n` : ''}

def attention(${given}):
    """The ids, [positions], and the pattern, [destination, source]."""
    ids = torch.tensor([${encoded}], device=bridge.cfg.device)
    name = f"blocks.{LAYER}.attn.hook_pattern"
    _, cache = bridge.run_with_cache(ids, names_filter=name)
    return ids[0], cache[name][0, HEAD]


def main():
    torch.set_grad_enabled(False)
    bridge = TransformerBridge.boot_transformers(sys.argv[1])
${isText ? indented('# TransformerLens\'s own copy of the tokenizer would put a start token before every text.\ntokenizer = AutoTokenizer.from_pretrained(sys.argv[1])\n', 4) : ''}    ids, pattern = attention(${given})
    words = ${isText ? '[tokenizer.decode([id]) for id in ids.tolist()]' : 'ids.tolist()'}
    for destination, word in enumerate(words):
        weight, source = pattern[destination].max(-1)
        print(f"{destination:4} {word!r:20} attends most to {source.item():4} {words[source]!r:20} {weight.item():.4f}")


if __name__ == "__main__":
    main()
`;
}
