/** What of a model can be indexed: the MLPs' neurons and the heads of the tower that reads text, and why others cannot. */
import { CogscopeError } from '../../shared/errors.ts';
import type { Refusal } from '../../shared/summary.ts';
import type { Anatomy, Block, Place, Tower } from '../anatomy/types.ts';
import type { Value } from '../onnx/graph.ts';
import { asNumber } from '../onnx/infer/dim.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { OnnxModel } from '../onnx/model.ts';
import { storedLength } from '../onnx/weights.ts';
import type { OptimizationLevel } from '../ort/session.ts';
import { chainShape } from '../program/chain.ts';
import type { ChainShape } from '../program/chain.ts';
import type { Tokenizer } from '../text/tokenizer.ts';

/** An open model, as far as an index needs it. */
export interface IndexedModel {
  readonly model: OnnxModel;
  readonly types: TypeTable;
  readonly anatomy: Anatomy;
  readonly tokenizer: Tokenizer;
  readonly program: { readonly threads: number; readonly level: OptimizationLevel; readonly weightBudget: number; readonly keepsMemory?: boolean };
  /** Why a check took back what is at an address, if one did. */
  readonly withdrawn: (address: string) => Refusal | undefined;
}

export interface MlpLayer {
  readonly layer: number;
  readonly neurons: number;
  readonly post: Place;
  /** The state that the MLP reads, before its norm. */
  readonly state: Place;
  readonly width: number;
  readonly activation: string;
}

export interface HeadLayer {
  readonly layer: number;
  readonly heads: number;
  readonly pattern: Place;
}

export interface IndexPlan {
  readonly tower: Tower;
  readonly ids: Value;
  readonly mask: Value | undefined;
  readonly mlps: readonly MlpLayer[];
  readonly attention: readonly HeadLayer[];
  readonly shape: ChainShape;
  /** Rows may be made as long as each other: what stands behind a row's end changes nothing before it. */
  readonly pads: boolean;
  /** Tokens that a row must have, where the file fixes it. */
  readonly fixed: number | null;
  readonly vocab: number | null;
  /** A pass is short enough to be run in one piece, without a look at whether to stop: between stages the runtime's threads rest, and a state is copied. */
  readonly small: boolean;
  readonly refused: readonly string[];
}

/** Bytes of weights: a pass takes some 0.1 s. */
const SMALL_BYTES = 1 << 26;

/** Throws 'refused' where nothing can be indexed, with the reason. */
export function planIndex({ model, types, anatomy, withdrawn }: IndexedModel): IndexPlan {
  const towers = anatomy.towers.filter((tower) => tower.ids !== null);
  const [tower] = towers;
  const ids = tower?.ids;
  if (!tower || !ids) throw new CogscopeError('refused', 'The model has no layers that read tokens, so it cannot be indexed over text', 'Choose a language model');
  if (anatomy.towers.length > 1) throw new CogscopeError('refused', `The model has ${anatomy.towers.length} towers, and an index is made of models of one`, 'Export the tower that reads the text as a model of its own');
  const shape = chainShape(model, types, anatomy);
  const refused: string[] = [];
  const mlps = tower.blocks.flatMap((block) => mlpOf(block, types, withdrawn, refused));
  const attention = tower.blocks.flatMap((block) => headsOf(block, withdrawn, model.opset.get('') ?? 0, refused));
  if (mlps.length === 0 && attention.length === 0) throw new CogscopeError('refused', 'The model has no MLP and no head that can be indexed', 'See its overview for the reasons', '', refused.join('; '));
  const inputs = model.graph.inputs;
  const mask = inputs.find((input) => anatomy.roles.get(input) === 'mask' && types.of(input).shape?.length === 2);
  const [rows, length] = types.of(ids).shape ?? [];
  const table = tower.embed?.value.producer?.inputs[0];
  return {
    // Fewer taps than other runs have leave the runtime more to fuse.
    tower, ids, mask, mlps, attention, refused, shape: { ...shape, taps: [...new Set([...mlps.flatMap(({ post, state }) => [post.value, state.value]), ...attention.map(({ pattern }) => pattern.value)])] },
    pads: shape.stackable && (tower.causal || mask !== undefined),
    fixed: asNumber(length) ?? (asNumber(rows) !== undefined && types.of(ids).shape?.length === 1 ? asNumber(rows) ?? null : null),
    small: [...model.weights.values()].reduce((sum, weight) => sum + storedLength(weight), 0) <= SMALL_BYTES,
    vocab: (table && asNumber(types.of(table).shape?.[0])) ?? null,
  };
}

function mlpOf({ index, mlp, residMid, start }: Block, types: TypeTable, withdrawn: IndexedModel['withdrawn'], refused: string[]): readonly MlpLayer[] {
  if (!mlp) return [];
  const refuse = (reason: string): readonly MlpLayer[] => {
    refused.push(`The neurons of layer ${index}: ${reason}`);
    return [];
  };
  const taken = withdrawn(`blocks.${index}.mlp.hook_post`);
  if (taken) return refuse(taken.reason);
  const state = residMid ?? start;
  const width = asNumber(types.of(state.value).shape?.at(-1));
  if (mlp.neurons === null || width === undefined) return refuse('the file does not tell how many there are');
  if (![mlp.post, state].every(inOrder)) return refuse('their axes lie in an order that is not indexed');
  return [{ layer: index, neurons: mlp.neurons, post: mlp.post, state, width, activation: mlp.activation }];
}

/** Rows, then positions, whether they share an axis or not. */
const inOrder = ({ layout }: Place): boolean => layout.flat().slice(0, 2).join() === 'batch,pos' && layout.at(-1)?.length === 1;

function headsOf({ index, attention }: Block, withdrawn: IndexedModel['withdrawn'], opset: number, refused: string[]): readonly HeadLayer[] {
  if (!attention) return [];
  const refuse = (reason: string): readonly HeadLayer[] => {
    refused.push(`The heads of layer ${index}: ${reason}`);
    return [];
  };
  const taken = withdrawn(`blocks.${index}.attn.hook_pattern`);
  if (taken) return refuse(taken.reason);
  const { heads, pattern } = attention;
  if (heads === null) return refuse('the file does not tell how many there are');
  if (pattern.layout.map((axis) => axis.join()).join() !== 'batch,head,dest,src') return refuse('the pattern’s axes lie in an order that is not indexed');
  if (opset < 12) return refuse('the file’s operator set is too old for it');
  return [{ layer: index, heads, pattern }];
}
