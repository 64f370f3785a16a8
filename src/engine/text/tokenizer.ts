/** A model's tokenizer: ids from a library, the way back to the user's characters our own. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CogscopeError } from '../../shared/errors.ts';
import type { TokenInfo } from '../../shared/protocol/engineApi.ts';
import { searchText } from './align.ts';
import type { Span } from './align.ts';
import { kindOf } from './kind.ts';
import type { Json, TokenizerKind } from './kind.ts';
import { makeTokenizer } from './library.ts';
import type { LibraryTokenizer } from './library.ts';
import { locateTokenizer, TOKENIZER_FILE } from './locate.ts';
import { alignSections, sectionsOf } from './sections.ts';
import { normalizedView, plainView } from './view.ts';

export class Tokenizer {
  readonly path: string;
  private readonly make: TokenizerKind;
  private readonly definition: Json;
  private built: LibraryTokenizer | undefined;
  private before: number | undefined;

  private constructor(path: string, definition: Json) {
    this.path = path;
    this.definition = definition;
    this.make = kindOf(definition);
  }

  get kind(): string {
    return this.make.name;
  }

  /**
   * The tokenizer at `given`, else the one that lies by the model; the reason where there is none, since ids work without.
   * Throws 'unreadable' where a tokenizer that was named cannot be read.
   */
  static find(modelPath: string, given: string | null): Tokenizer | { readonly missing: string } {
    const path = given ?? locateTokenizer(modelPath);
    if (path === undefined) return { missing: `No ${TOKENIZER_FILE} beside the model or up to two folders above it` };
    try {
      const definition = JSON.parse(readFileSync(path, 'utf8')) as unknown;
      if (typeof definition !== 'object' || definition === null || !('model' in definition)) throw new Error('it has no "model"');
      return new Tokenizer(path, { ...definition });
    } catch (error) {
      const why = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
      if (given !== null) throw new CogscopeError('unreadable', 'The tokenizer cannot be read', 'Name a tokenizer.json', given, why);
      return { missing: `The tokenizer at ${path} cannot be read: ${why}` };
    }
  }

  /** Tokens of a text with their places in it. Throws 'refused' where the library cannot run this tokenizer. */
  encode(text: string, options: { readonly special: boolean }): readonly TokenInfo[] {
    const library = this.library();
    const prepared = this.prepare(text);
    const own = library.encode(prepared, { add_special_tokens: false }).ids;
    const all = options.special ? library.encode(prepared, { add_special_tokens: true }).ids : own;
    const before = options.special ? this.tokensBefore() : 0;
    const added = library.get_added_tokens_decoder();
    const spans = this.align(text, own);
    const unknown = this.unknown();
    return all.map((id, index): TokenInfo => {
      const span = spans[index - before];
      const at = index < before ? 0 : text.length;
      const token = added.get(id);
      const special = span === undefined || (token !== undefined && token.special && token.content !== unknown);
      return { id, text: this.decode(id), ...(span ?? { start: at, end: at, approximate: false }), special };
    });
  }

  private align(text: string, ids: readonly number[]): readonly Span[] {
    const library = this.library();
    const added = library.get_added_tokens_decoder();
    const tokens = ids.map((id) => library.id_to_token(id) ?? '');
    const vocabulary = { unknown: this.unknown(), isPiece: (piece: string) => library.token_to_id(piece) !== undefined };
    const sections = sectionsOf(text, [...added.values()]);
    const normalizer = library.normalizer && ((part: string): string => library.normalizer?.(this.prepare(part)) ?? part);
    // The unknown token is among the added ones, and is typed in few texts.
    const isAdded = (index: number): boolean => added.has(ids[index] ?? -1) && (tokens[index] !== vocabulary.unknown || text.includes(vocabulary.unknown));
    const proved = alignSections(sections, tokens, isAdded, (section, between) => {
      const asTyped = this.make.align(plainView(section), between, vocabulary);
      const view = asTyped || !normalizer ? undefined : normalizedView(section, normalizer);
      return asTyped ?? (view && this.make.align(view, between, vocabulary));
    });
    return proved ?? searchText(text, tokens.map((token) => this.make.show(token).replace(/^##/, '')));
  }

  private unknown(): string {
    const model = this.definition['model'] as Json;
    const { unk_token: token, unk_id: id, vocab } = model;
    if (typeof token === 'string') return token;
    const entry: unknown = Array.isArray(vocab) && typeof id === 'number' ? vocab[id] : undefined;
    return Array.isArray(entry) ? String(entry[0]) : '';
  }

  /** The library's BERT normalizer sets rare Chinese characters (behind U+FFFF) not apart, as the original does. */
  private prepare(text: string): string {
    const normalizer = this.definition['normalizer'] as Json | null | undefined;
    const isBert = normalizer?.['type'] === 'BertNormalizer' && normalizer['handle_chinese_chars'] !== false;
    return isBert ? text.replace(/[\u{20000}-\u{2A6DF}\u{2A700}-\u{2CEAF}\u{2F800}-\u{2FA1F}]/gu, ' $& ') : text;
  }

  /** How many tokens the tokenizer puts before a text. */
  private tokensBefore(): number {
    this.before ??= countBefore(this.library());
    return this.before;
  }

  /** One token as a person reads it; its number where the vocabulary has no such id. */
  decode(id: number): string {
    const token = this.library().id_to_token(id);
    return token === undefined ? `[${id}]` : this.make.show(token);
  }

  private library(): LibraryTokenizer {
    try {
      this.built ??= makeTokenizer(this.definition, readConfig(this.path));
      return this.built;
    } catch (error) {
      throw new CogscopeError('refused', 'The tokenizer uses a part that Cogscope does not know', 'Give token ids instead', this.path, String(error));
    }
  }
}

/** Found with a text of one letter, whose tokens are not those that are added. */
function countBefore(library: LibraryTokenizer): number {
  const own = library.encode('a', { add_special_tokens: false }).ids;
  const all = library.encode('a', { add_special_tokens: true }).ids;
  const offsets = Array.from({ length: all.length - own.length + 1 }, (_, offset) => offset);
  return offsets.find((offset) => own.every((id, index) => all[offset + index] === id)) ?? 0;
}

function readConfig(tokenizerPath: string): Json {
  const path = join(dirname(tokenizerPath), 'tokenizer_config.json');
  if (!existsSync(path)) return {};
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Json;
  } catch {
    return {}; // It only adds details, and the tokenizer itself was read.
  }
}
