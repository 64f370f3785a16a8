/** A tokenizer.json of whole words: w0, w1 … are the ids behind the first two, <unk> and <bos>. */
export function wordTokenizer(vocab: number, { begins }: { readonly begins: boolean }): string {
  const words = Object.fromEntries(Array.from({ length: vocab }, (_, id) => [id === 0 ? '<unk>' : id === 1 ? '<bos>' : `w${id - 2}`, id]));
  return JSON.stringify({
    version: '1.0', truncation: null, padding: null, normalizer: null, decoder: null,
    added_tokens: [{ id: 1, content: '<bos>', single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }],
    pre_tokenizer: { type: 'WhitespaceSplit' },
    post_processor: begins
      ? { type: 'TemplateProcessing', single: [{ SpecialToken: { id: '<bos>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }], pair: [], special_tokens: { '<bos>': { id: '<bos>', ids: [1], tokens: ['<bos>'] } } }
      : null,
    model: { type: 'WordLevel', vocab: words, unk_token: '<unk>' },
  });
}

/** Paragraphs of such words, the same for the same seed; some of them said twice. */
export function wordText(paragraphs: number, vocab: number, seed: number): string {
  let state = seed;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const made: string[] = [];
  for (let index = 0; index < paragraphs; index++) {
    made.push(index % 7 === 6 ? made[index - 3] ?? '' : Array.from({ length: 3 + next(60) }, () => `w${next(vocab - 2)}`).join(' '));
  }
  return made.join('\n\n');
}
