/** A model's tokenizer: from a text to ids with their places in it, and from ids back. */
import { CogscopeError } from '../../shared/errors.ts';
import type { TokenInfo } from '../../shared/protocol/engineApi.ts';
import type { Frame } from './frame.ts';
import type { Json } from './json.ts';
import { kindOf } from './kind.ts';
import type { TokenizerKind } from './kind.ts';
import { locateTokenizer, TOKENIZER_FILES } from './locate.ts';
import { makePipeline } from './pipeline.ts';
import type { Pipeline } from './pipeline.ts';
import { readDefinition } from './files/read.ts';

export class Tokenizer {
  readonly path: string;
  private readonly make: TokenizerKind;
  private readonly definition: Json;
  private built: Pipeline | undefined;
  /** Tokens as a person reads them, of those that were asked for. */
  private readonly shown = new Map<number, string>();

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
    if (path === undefined) return { missing: 'No tokenizer beside the model or up to two folders above it' };
    try {
      return new Tokenizer(path, readDefinition(path));
    } catch (error) {
      const why = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
      if (given !== null) throw new CogscopeError('unreadable', 'The tokenizer cannot be read', `Name a ${TOKENIZER_FILES}`, given, why);
      return { missing: `The tokenizer at ${path} cannot be read: ${why}` };
    }
  }

  /** Tokens of a text with their places in it. Throws 'refused' where the tokenizer has a part that is not known, 'unreadable' where it is damaged. */
  encode(text: string, options: { readonly special: boolean }): readonly TokenInfo[] {
    const { frame, vocabulary, encode } = this.pipeline();
    const framing = (ids: readonly number[], at: number): readonly TokenInfo[] =>
      ids.map((id) => ({ id, text: this.decode(id), start: at, end: at, approximate: false, special: true }));
    const own = encode(text).map(({ id, span }): TokenInfo => ({ id, text: this.decode(id), ...span, special: vocabulary.isSpecial(id) }));
    return options.special ? [...framing(frame.before, 0), ...own, ...framing(frame.behind, text.length)] : own;
  }

  /** One token as a person reads it; its number where the vocabulary has no such id. */
  decode(id: number): string {
    const known = this.shown.get(id);
    if (known !== undefined) return known;
    const token = this.pipeline().vocabulary.token(id);
    if (token === undefined) return `[${id}]`;
    const text = this.make.show(token);
    this.shown.set(id, text);
    return text;
  }

  /** Whether an id stands for text: it is in the vocabulary, and no token that frames or pads. */
  isText(id: number): boolean {
    const { vocabulary } = this.pipeline();
    return vocabulary.token(id) !== undefined && !vocabulary.isSpecial(id);
  }

  /** Ids that stand around a text. */
  get frame(): Frame {
    return this.pipeline().frame;
  }

  private pipeline(): Pipeline {
    try {
      this.built ??= makePipeline(this.definition);
      return this.built;
    } catch (error) {
      if (error instanceof CogscopeError) throw error;
      const part = error instanceof Error ? error.message : String(error);
      throw new CogscopeError('refused', `The tokenizer has a part that Cogscope does not know: ${part.split('\n')[0] ?? ''}`, 'Give token ids instead', this.path, part);
    }
  }
}
