/** What a tokenizer does to a text before it cuts it: one row a kind, each following every character to where it came from. */
import type { Aligned } from './aligned.ts';
import { spellBytes } from './bytes.ts';
import { control, marks, nonspacing, unformed } from './characters.ts';
import { Charsmap } from './charsmap.ts';
import { parts, rowOf, textOf } from './json.ts';
import type { Json } from './json.ts';
import { patternOf } from './patterns.ts';
import { sentencePiece } from './sentencePieceText.ts';
import { clusters, lower, trimEnd, trimStart } from './unicode.ts';

export type Normalizer = (text: Aligned) => Aligned;

type Form = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

/** Each character, or where characters are put together, each cluster of them; the whole where that is not the same. */
const form = (name: Form) => (text: Aligned): Aligned => {
  const apart = new RegExp(`(${unformed.source})`, 'u');
  const normalize = (part: string): string => (unformed.test(part) ? part.split(apart).map((piece) => (unformed.test(piece) ? piece : piece.normalize(name))).join('') : part.normalize(name));
  let at = 0;
  const followed = text.edit(clusters(text.text).flatMap((cluster) => {
    const characters = [...cluster];
    const pieces = characters.map(normalize).join('') === normalize(cluster) ? characters : [cluster];
    return pieces.map((piece) => ({ from: at, to: (at += piece.length), text: normalize(piece) }));
  }));
  const whole = normalize(text.text);
  return followed.text === whole ? followed : text.inexact(whole);
};

const forms: Readonly<Record<Form, Normalizer>> = { NFC: form('NFC'), NFD: form('NFD'), NFKC: form('NFKC'), NFKD: form('NFKD') };

const nothing = (): string => '';
const space = (): string => ' ';

const chinese = /[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;

function bert(config: Json): Normalizer {
  const lowers = config['lowercase'] !== false;
  const strips = (config['strip_accents'] ?? lowers) === true;
  const steps: readonly (readonly [boolean, Normalizer])[] = [
    [config['clean_text'] !== false, (text) => text.replace(control, nothing).replace(/[\0\ufffd]/gu, nothing).replace(/\p{White_Space}/gu, space)],
    [config['handle_chinese_chars'] !== false, (text) => text.replace(chinese, (character) => ` ${character} `)],
    [strips, (text) => forms.NFD(text).replace(nonspacing, nothing)],
    [lowers, (text) => text.spell(lower)],
  ];
  return chain(steps.filter(([isWanted]) => isWanted).map(([, step]) => step));
}

/** By clusters of up to five bytes, then by characters; the shortest entry counts, though only part of it may fit (`precompiled.rs`). */
function precompiled(config: Json): Normalizer {
  const bytes = Buffer.from(textOf(config['precompiled_charsmap']), 'base64');
  if (bytes.length === 0) return (text) => text;
  const map = Charsmap.read(bytes);
  const spelling = (part: string): string | undefined => [...map.prefixes(part)][0]?.spelling;
  return (text) => {
    let at = 0;
    return text.edit(clusters(text.text).flatMap((cluster) => {
      const whole = Buffer.byteLength(cluster) < 6 ? spelling(cluster) : undefined;
      const pieces = whole === undefined ? [...cluster].map((character) => [character, spelling(character) ?? character] as const) : [[cluster, whole] as const];
      return pieces.map(([piece, put]) => ({ from: at, to: (at += piece.length), text: put }));
    }));
  };
}

const strip = (config: Json): Normalizer => (text) => {
  const whole = text.text;
  const from = config['strip_left'] === false ? 0 : whole.length - trimStart(whole).length;
  const to = config['strip_right'] === false ? whole.length : trimEnd(whole).length;
  return text.slice(from, Math.max(from, to));
};

const rows: Readonly<Record<string, (config: Json) => Normalizer>> = {
  NFC: () => forms.NFC,
  NFD: () => forms.NFD,
  NFKC: () => forms.NFKC,
  NFKD: () => forms.NFKD,
  Lowercase: () => (text) => text.spell(lower),
  StripAccents: () => (text) => text.replace(marks, nothing),
  Strip: strip,
  Prepend: (config) => (text) => (text.text === '' ? text : text.edit([{ from: 0, to: 0, text: textOf(config['prepend']) }])),
  Replace: (config) => {
    const pattern = patternOf(config);
    return (text) => text.replace(pattern, () => textOf(config['content']));
  },
  Nmt: () => (text) => text.replace(/[\x01-\x08\v\x0e-\x1f\x7f\x8f\x9f]/gu, nothing).replace(/[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/gu, space),
  ByteLevel: () => (text) => text.spell(spellBytes),
  BertNormalizer: bert,
  Precompiled: precompiled,
  SentencePiece: sentencePiece,
  Sequence: (config) => chain(parts(config['normalizers']).map(normalizerOf)),
};

const chain = (steps: readonly Normalizer[]): Normalizer => (text) => steps.reduce((made, step) => step(made), text);

/** Throws where the kind is not known, or its settings cannot be read. */
export function normalizerOf(config: Json): Normalizer {
  const row = rowOf(rows, textOf(config['type']));
  if (!row) throw new Error(`the normalizer ${textOf(config['type'])}`);
  return row(config);
}
