/** A model as a tree: towers, layers, attention with its heads, MLP, inputs and outputs, and what is not shown. Pure. */
import { headAddress, parseShort, prefixOf } from '../../shared/addresses.ts';
import type { AttentionKind } from '../../shared/addresses.ts';
import { counted } from '../../shared/format.ts';
import type { NeuronLayer } from '../../shared/neurons/figures.ts';
import type { Axis, Figure, LayerSummary, ModelSummary, Refusal, TensorInfo, TowerSummary } from '../../shared/summary.ts';
import type { IndexShown } from '../neurons/standing.ts';
import { indexNode, rankedNodes } from './treeIndex.ts';

export type NodeKind = 'model' | 'tower' | 'layer' | 'attention' | 'head' | 'mlp' | 'tensors' | 'tensor' | 'refusals' | 'refusal' | 'convolution'
  | 'ranked' | 'neuron' | 'index' | 'index-running' | 'index-stale' | 'fact';

export interface TreeNode {
  /** The way from the root: the same node after a reload has the same one. */
  readonly id: string;
  readonly kind: NodeKind;
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  /** What "Copy Address" copies; null where there is nothing to point at. */
  readonly address: string | null;
  readonly children: readonly TreeNode[];
}

const count = (figure: Figure, one: string, many = `${one}s`): string => (figure === null ? `${many} unknown until run` : counted(figure, one, many));

const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(', ');

/** `roles`: what heads are known to do, by address: in a few words, and line by line. */
export type HeadRoles = ReadonlyMap<string, { readonly description: string; readonly lines: readonly string[] }>;

/** What was found out about a model. */
export interface Findings {
  readonly roles: HeadRoles;
  /** Null where it can have none. */
  readonly index: IndexShown | null;
}

export function modelTree(title: string, summary: ModelSummary, { roles, index }: Findings = { roles: new Map(), index: null }): TreeNode {
  const neurons = index?.kind === 'usable' ? index.layers : [];
  return {
    id: 'model', kind: 'model', label: title, description: '', address: null,
    tooltip: `${summary.model.path}\n${summary.model.nodes} nodes, made by ${summary.model.producer || 'an unknown exporter'}`,
    children: [
      ...summary.towers.map((tower) => towerNode(tower, { roles, neurons })),
      ...(index ? [indexNode(index)] : []),
      tensorsNode('inputs', 'Inputs', summary.inputs),
      tensorsNode('outputs', 'Outputs', summary.outputs),
      ...(summary.refused.length > 0 ? [refusalsNode(summary.refused)] : []),
    ],
  };
}

const kinds: Readonly<Record<TowerSummary['kind'], string>> = { decoder: 'Decoder', encoder: 'Encoder', vision: 'Vision tower', pool: 'Pooling head', cnn: 'Convolutions' };

interface Known {
  readonly roles: HeadRoles;
  readonly neurons: readonly NeuronLayer[];
}

function towerNode(tower: TowerSummary, known: Known): TreeNode {
  const id = `tower:${tower.name}`;
  if (tower.kind === 'cnn') return convolutionsNode(id, tower);
  return {
    id, kind: 'tower', label: kinds[tower.kind], address: null,
    description: joined(tower.name, count(tower.layers, 'layer')),
    tooltip: joined(count(tower.layers, 'layer'), count(tower.heads, 'head') + ' a layer', `d_model ${tower.dModel ?? 'unknown until run'}`, `context ${tower.context ?? 'unknown'}`),
    children: tower.blocks.map((block) => layerNode(id, tower, block, known)),
  };
}

function convolutionsNode(id: string, { name, convolutions }: TowerSummary): TreeNode {
  return {
    id, kind: 'tower', label: kinds.cnn, address: null,
    description: joined(name, String(convolutions.length)),
    tooltip: count(convolutions.length, 'convolution'),
    children: convolutions.map((one) => {
      const address = `${prefixOf(name)}${one.name}`;
      const form = `${count(one.channels, 'channel')}, ${one.kernel.join('×')}`;
      const line = one.source ? `\n${sourceText(one.source)}  ${one.source.code}` : '';
      return { id: `${id}/${one.name}`, kind: 'convolution' as const, label: one.name, description: form, tooltip: `${address}: ${form}, stride ${one.stride.join('×')}${line}`, address, children: [] };
    }),
  };
}

const blockOf = (tower: TowerSummary, block: LayerSummary): string => `${prefixOf(tower.name)}blocks.${block.index}`;

function layerNode(parent: string, tower: TowerSummary, block: LayerSummary, { roles, neurons }: Known): TreeNode {
  const id = `${parent}/layer:${block.index}`;
  const at = blockOf(tower, block);
  const { attention, cross, mlp } = block;
  return {
    id, kind: 'layer', label: `Layer ${block.index}`, address: `${at}.hook_resid_post`,
    description: block.source[0] ? sourceText(block.source[0]) : '',
    tooltip: `${at}${block.source.map((line) => `\n${sourceText(line)}  ${line.code}`).join('')}`,
    children: [
      ...(attention ? [attentionNode({ parent: id, at, tower, layer: block.index, roles }, attention, 'self')] : []),
      ...(cross ? [attentionNode({ parent: id, at, tower, layer: block.index, roles }, cross, 'cross')] : []),
      ...(mlp ? [mlpNode(id, at, mlp, neurons.find(({ layer }) => layer === block.index))] : []),
    ],
  };
}

const sourceText = (line: { readonly file: string; readonly line: number }): string => `${line.file.slice(line.file.lastIndexOf('/') + 1)}:${line.line}`;

interface InLayer {
  readonly parent: string;
  /** "blocks.3". */
  readonly at: string;
  readonly tower: TowerSummary;
  readonly layer: number;
  readonly roles: HeadRoles;
}

function attentionNode({ parent, at, tower, layer, roles }: InLayer, attention: NonNullable<LayerSummary['attention']>, which: AttentionKind): TreeNode {
  const [part, hooks, label] = which === 'cross' ? ['cross', 'cross_attn', `Cross attention to ${tower.attendsTo ?? 'another stream'}`] as const : ['attention', 'attn', 'Attention'] as const;
  const id = `${parent}/${part}`;
  const shared = attention.kvHeads !== null && attention.kvHeads !== attention.heads ? `, ${attention.kvHeads} for keys and values` : '';
  return {
    id, kind: 'attention', label, address: `${at}.${hooks}.hook_pattern`,
    description: `${count(attention.heads, 'head')}${shared}`,
    tooltip: `${at}.${hooks}.hook_pattern\n${count(attention.heads, 'head')} of width ${attention.dHead ?? 'unknown until run'}${shared}`,
    children: Array.from({ length: attention.heads ?? 0 }, (_, head) => {
      const address = headAddress(tower.name, layer, head, which);
      const role = roles.get(address);
      const tooltip = [`${address}: ${at}.${hooks}.hook_z, head ${head}`, ...role?.lines ?? []].join('\n');
      return { id: `${id}/${head}`, kind: 'head' as const, label: address, description: role?.description ?? '', tooltip, address, children: [] };
    }),
  };
}

function mlpNode(parent: string, at: string, mlp: NonNullable<LayerSummary['mlp']>, read: NeuronLayer | undefined): TreeNode {
  const id = `${parent}/mlp`;
  const description = joined(count(mlp.neurons, 'neuron'), mlp.activation, mlp.gated ? 'gated' : '');
  return { id, kind: 'mlp', label: 'MLP', description, tooltip: `${at}.mlp.hook_post\n${description}`, address: `${at}.mlp.hook_post`, children: rankedNodes(id, read) };
}

const axisText = (axis: Axis): string => (axis === null ? '?' : String(axis));

function tensorsNode(id: string, label: string, tensors: readonly TensorInfo[]): TreeNode {
  return {
    id, kind: 'tensors', label, description: String(tensors.length), tooltip: '', address: null,
    children: tensors.map((tensor) => {
      const description = `${tensor.type} [${tensor.shape.map(axisText).join(', ')}]`;
      return { id: `${id}/${tensor.name}`, kind: 'tensor' as const, label: tensor.name, description, tooltip: `${tensor.name}: ${description}`, address: null, children: [] };
    }),
  };
}

function refusalsNode(refused: readonly Refusal[]): TreeNode {
  return {
    id: 'refused', kind: 'refusals', label: 'Not shown', description: String(refused.length), tooltip: 'What was not understood, with the reason', address: null,
    children: refused.map(({ what, reason }, index) => ({ id: `refused/${index}`, kind: 'refusal' as const, label: what, description: reason, tooltip: `${what}: ${reason}`, address: null, children: [] })),
  };
}

/** Each node's parent; the root has none. */
export function parentsOf(root: TreeNode): ReadonlyMap<TreeNode, TreeNode> {
  const parents = new Map<TreeNode, TreeNode>();
  const visit = (node: TreeNode): void => {
    for (const child of node.children) {
      parents.set(child, node);
      visit(child);
    }
  };
  visit(root);
  return parents;
}

function* walk(node: TreeNode): Generator<TreeNode> {
  yield node;
  for (const child of node.children) yield* walk(child);
}

/** The node that an address points into: itself, or the nearest part that the tree has. */
export function findAddress(root: TreeNode, address: string): TreeNode | undefined {
  const [at = ''] = address.split('@');
  const nodes = [...walk(root)];
  // Behind the colon stands one channel of a convolution.
  const exact = nodes.find((node) => node.address === at || node.address === at.replace(/:\d+$/, ''));
  if (exact) return exact;
  const block = blockAddress(at);
  if (block === undefined) return undefined;
  const inBlock = (node: TreeNode): boolean => node.address?.startsWith(`${block.at}.`) ?? false;
  const inPart = (node: TreeNode): boolean => node.kind === block.part && (!block.cross || (node.address?.includes('.cross_attn.') ?? false));
  return nodes.find((node) => inBlock(node) && inPart(node)) ?? nodes.find((node) => inBlock(node) && node.kind === 'layer');
}

function blockAddress(address: string): { readonly at: string; readonly part: NodeKind; readonly cross: boolean } | undefined {
  const short = parseShort(address);
  if (short) return { at: `${prefixOf(short.tower)}blocks.${short.layer}`, part: partOf(short.kind === 'site' ? short.site : short.kind), cross: short.kind === 'head' && short.attention === 'cross' };
  const match = /^((?:\w+\.)?blocks\.\d+)\.(.*)$/.exec(address);
  return match?.[1] === undefined ? undefined : { at: match[1], part: partOf(match[2] ?? ''), cross: match[2]?.startsWith('cross_attn.') ?? false };
}

const partOf = (site: string): NodeKind => (/^(head|attn|cross_attn|q|k|v|z|pattern)/.test(site) ? 'attention' : /^(neuron|mlp|pre|post)/.test(site) ? 'mlp' : 'layer');
