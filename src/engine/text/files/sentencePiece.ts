/**
 * A SentencePiece model as a tokenizer.json would have it. We read the published schema ourselves: the packages that run SentencePiece in JavaScript
 * are builds of its C++ that give no places, and a converted definition goes the one way that all tokenizers go.
 */
import { fromBinary } from '@bufbuild/protobuf';
import { broken } from '../vocabulary.ts';
import type { Json } from '../json.ts';
import { ModelProto_SentencePiece_Type as Type, ModelProtoSchema, TrainerSpec_ModelType as ModelType } from './proto/sentencepiece_model_pb.js';
import type { ModelProto } from './proto/sentencepiece_model_pb.js';

type Piece = ModelProto['pieces'][number];

export function fromSentencePiece(bytes: Uint8Array): Json {
  const model = read(bytes);
  const { pieces, normalizerSpec: text, trainerSpec: trainer } = model;
  const symbols = pieces.filter(({ type }) => type === Type.USER_DEFINED).map(({ piece }) => piece);
  if (trainer?.treatWhitespaceAsSuffix === true) throw new Error('it puts spaces behind words, which Cogscope does not know');
  return {
    model: { ...modelOf(pieces, trainer?.modelType), byte_fallback: trainer?.byteFallback === true, symbols },
    normalizer: {
      type: 'SentencePiece', symbols, charsmap: Buffer.from(text?.precompiledCharsmap ?? []).toString('base64'),
      prefix: text?.addDummyPrefix !== false, removeExtra: text?.removeExtraWhitespaces !== false, escape: text?.escapeWhitespaces !== false,
    },
    added_tokens: [],
  };
}

function read(bytes: Uint8Array): ModelProto {
  try {
    const model = fromBinary(ModelProtoSchema, bytes);
    // Both specs stand behind the pieces: a file that is cut short lacks them.
    if (model.pieces.length > 0 && model.trainerSpec && model.normalizerSpec) return model;
  } catch {
    // Said below.
  }
  throw new Error('it is no SentencePiece model');
}

function modelOf(pieces: readonly Piece[], type: ModelType | undefined): Json {
  const unknown = pieces.findIndex((piece) => piece.type === Type.UNKNOWN);
  if (unknown < 0) throw broken('it has no unknown token');
  const open = (piece: Piece): boolean => piece.type === Type.NORMAL || piece.type === Type.USER_DEFINED;
  if (type === ModelType.UNIGRAM || type === undefined) {
    const closed = pieces.flatMap((piece, id) => (piece.type === Type.NORMAL ? [] : [id]));
    return { type: 'Unigram', unk_id: unknown, closed, vocab: pieces.map(({ piece, score }) => [piece, score]) };
  }
  if (type !== ModelType.BPE) throw new Error('its pieces are words or characters, which Cogscope does not know');
  return { type: 'BPE', unk_token: pieces[unknown]?.piece, fuse_unk: true, vocab: Object.fromEntries(pieces.map(({ piece }, id) => [piece, id])), merges: mergesOf(pieces.filter(open)) };
}

/** All pairs of pieces that make a piece, the best first: SentencePiece joins whichever neighbours make the best piece. */
function mergesOf(pieces: readonly Piece[]): readonly (readonly [string, string])[] {
  const known = new Set(pieces.map(({ piece }) => piece));
  return pieces.toSorted((a, b) => b.score - a.score).flatMap(({ piece }) => {
    const characters = [...piece];
    return characters.slice(1).flatMap((_, at): readonly (readonly [string, string])[] => {
      const left = characters.slice(0, at + 1).join('');
      const right = characters.slice(at + 1).join('');
      return known.has(left) && known.has(right) ? [[left, right]] : [];
    });
  });
}
