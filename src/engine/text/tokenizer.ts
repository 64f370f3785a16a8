/** A model's tokenizer: ids from a library, the way back to the user's characters our own. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CogscopeError } from '../../shared/errors.ts';
import type { TokenInfo } from '../../shared/protocol/engineApi.ts';
import { kindOf } from './kind.ts';
import type { TokenizerKind } from './kind.ts';
import { makeTokenizer } from './library.ts';
import type { LibraryTokenizer } from './library.ts';
import { locateTokenizer, TOKENIZER_FILE } from './locate.ts';

export class Tokenizer {
  readonly path: string;
  private readonly make: TokenizerKind;
  private readonly definition: Readonly<Record<string, unknown>>;
  private built: LibraryTokenizer | undefined;

  private constructor(path: string, definition: Readonly<Record<string, unknown>>) {
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
    const own = library.encode(text, { add_special_tokens: false }).ids;
    const all = options.special ? library.encode(text, { add_special_tokens: true }).ids : own;
    const before = leading(all, own);
    const specialIds = new Set([...library.get_added_tokens_decoder()].filter(([, token]) => token.special).map(([id]) => id));
    const spans = this.make.align(text, own.map((id) => library.id_to_token(id) ?? ''));
    return all.map((id, index): TokenInfo => {
      const span = spans[index - before];
      const at = index < before ? 0 : text.length;
      return { id, text: this.decode(id), ...(span ?? { start: at, end: at, approximate: false }), special: span === undefined || specialIds.has(id) };
    });
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

/** How many tokens were added before the text's own. */
function leading(all: readonly number[], own: readonly number[]): number {
  for (let offset = 0; offset <= all.length - own.length; offset++) {
    if (own.every((id, index) => all[offset + index] === id)) return offset;
  }
  return 0;
}

function readConfig(tokenizerPath: string): Readonly<Record<string, unknown>> {
  const path = join(dirname(tokenizerPath), 'tokenizer_config.json');
  if (!existsSync(path)) return {};
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Readonly<Record<string, unknown>>;
  } catch {
    return {}; // It only adds details, and the tokenizer itself was read.
  }
}
