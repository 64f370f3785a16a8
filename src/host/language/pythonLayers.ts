/** Lines of Python that index a layer of a model or name a hook of one. Pure. */
import { addressesIn } from './addressText.ts';

export interface LayerMention {
  /** From 0. */
  readonly line: number;
  /** Negative: from the last one back, as Python counts. */
  readonly layer: number;
  /** Of the layer, which part; null: the layer as a whole. */
  readonly part: 'mlp' | 'attn' | null;
  /** Which side of an encoder with a decoder the line names. */
  readonly side: 'enc' | 'dec' | null;
}

/** `blocks[3].mlp`, `layers.3.self_attn`, `transformer.h[3]`, `encoder.layer.3`. */
const indexed = /(?<![\w])(?:blocks?|layers?|resblocks|(?<=\.)h)\s*(?:\[\s*(-?\d{1,4})\s*\]|\.(\d{1,4})(?!\w))(?:\s*\.\s*([a-z_]\w*))?/g;
/** TransformerLens's `get_act_name("post", 3)`. */
const named = /\bget_act_name\(\s*["'](\w+)["']\s*,\s*(\d{1,4})/g;

const parts: readonly (readonly [name: RegExp, part: 'mlp' | 'attn'])[] = [
  [/^(mlp|ffn?|feed_?forward|fc\d?|c_fc|intermediate|gate_proj|up_proj|down_proj|pre|post|mlp_\w+)$/, 'mlp'],
  [/^(\w*attn|\w*attention|q|k|v|z|pattern|attn_\w+|[qkvo]_proj)$/, 'attn'],
];

const partOf = (name: string | undefined): LayerMention['part'] => parts.find(([pattern]) => name !== undefined && pattern.test(name))?.[1] ?? null;

/** Lines that are looked at, and how much of each: a file may be a table of numbers. */
const [LINES, CHARACTERS] = [20_000, 2000];

/** One a line and layer, in the order of the text. */
export function layersIn(text: string): readonly LayerMention[] {
  return text.split('\n').slice(0, LINES).flatMap((whole, line) => {
    const code = whole.slice(0, CHARACTERS);
    if (/^\s*#/.test(code)) return [];
    const side = /\b(?:dec|decoder)\b/.test(code) ? 'dec' : /\b(?:enc|encoder)\b/.test(code) ? 'enc' : null;
    const found = [
      ...[...code.matchAll(indexed)].map((match) => ({ at: match.index, layer: Number(match[1] ?? match[2]), part: partOf(match[3]) })),
      ...[...code.matchAll(named)].map((match) => ({ at: match.index, layer: Number(match[2]), part: partOf(match[1]) })),
      ...addressesIn(code).flatMap(({ start, target }) => (target.kind === 'tensor' ? [{ at: start, layer: target.layer, part: partOf(target.hook.split('.')[0]) }] : [])),
    ].sort((a, b) => a.at - b.at);
    const first = new Map<number, LayerMention>();
    // `blocks.3.mlp.hook_post` is an index of its own and the beginning of an address: what says more stays.
    for (const { layer, part } of found) if ((first.get(layer)?.part ?? null) === null) first.set(layer, { line, layer, part, side });
    return [...first.values()];
  });
}
