/** Reads a model's anatomy from its graph, by structure alone. */
import type { OnnxModel } from '../onnx/model.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { InputRole, Refusal } from '../../shared/summary.ts';
import type { Graph, GraphNode, Value, Weight } from '../onnx/graph.ts';
import { findAnchors } from './anchor.ts';
import type { AnchorProblem, AttentionAnchor } from './anchor.ts';
import { fusedAttention } from './branch.ts';
import type { AttentionFound } from './branch.ts';
import { causality } from './causal.ts';
import { readClasses } from './classes.ts';
import { convolutionalTower, readConvolutions } from './convolution.ts';
import { readEmbedding } from './embedding.ts';
import { firstInteger } from './firstPosition.ts';
import { Origin } from './origin.ts';
import { withCacheRoles } from './cacheRoles.ts';
import { inputOwners } from './owners.ts';
import { residualChains } from './residual.ts';
import type { ResidualChain } from './residual.ts';
import { inputRoles } from './roles.ts';
import type { RoleContext } from './roles.ts';
import { chooseStreams } from './streams.ts';
import { makeTowers, readStream } from './tower.ts';
import { isSloped } from './slopes.ts';
import { isTriangle } from './triangle.ts';
import type { Anatomy, Reading } from './types.ts';
import { flowsFrom } from './walk.ts';

export function readAnatomy(model: OnnxModel, types: TypeTable): Anatomy {
  const { graph } = model;
  const origin = new Origin(graph);
  const found = findAnchors(graph, types, origin);
  const { streams, refused: left } = chooseStreams(graph, residualChains(graph, origin).filter((chain) => !isImage(chain, types)), found, { types, origin });
  const rolesOf = (told: Pick<RoleContext, 'embeddings' | 'sources'>): ReadonlyMap<Value, InputRole> =>
    withCacheRoles(inputRoles({ graph, types, origin, maskedScores: maskedScores(graph, found), ...told }), model.cacheSwitch);
  if (streams.length === 0) {
    const [output] = graph.outputs;
    const embeddings = output ? [readEmbedding(output, graph, types, origin)] : [];
    const convolutions = mixesPositions(graph, found) ? [] : readConvolutions(model, types, origin);
    return {
      towers: convolutions.length > 0 ? [convolutionalTower(convolutions)] : [],
      classes: readClasses(graph, types, origin) ?? null,
      roles: rolesOf({ embeddings, sources: [] }),
      owners: new Map(),
      refused: convolutions.length > 0 ? [] : [noStream(model, found.anchors), ...found.problems.map(problemRefusal)],
    };
  }

  const refused: Refusal[] = [...left];
  const fused = fusedSums(model);
  if (fused !== undefined) refused.push({ what: 'Some residual sums', reason: fused });
  const reading: Omit<Reading, 'carries'> = {
    types, origin,
    isCausal: causality(origin, once((weight: Weight) => isTriangle(model, weight))),
    isSloped: once((weight: Weight) => isSloped(model, weight)),
    firstInteger: (weight) => firstInteger(model, weight),
    whyFused: (node) => model.decomposed.left.get(node.proto),
    flowFrom: once((source: Value) => {
      const flow = flowsFrom(graph, [source]);
      return (value) => flow[value.id] === 1;
    }),
  };
  const reads = streams.map((stream) => readStream(stream, graph, found, reading));
  const sources = reads.flatMap(({ blocks }) => blocks.flatMap((block) => block.cross?.source ?? []));
  const roles = rolesOf({ embeddings: reads.map((read) => read.embedding), sources });
  const { towers, refused: unnamed } = makeTowers(reads, roles, graph, reading);
  refused.push(...unnamed, ...unused(found, new Set(reads.flatMap((read) => [...read.used]))));
  const classes = towers.some((tower) => tower.logits !== null) ? undefined : readClasses(graph, types, origin);
  return { towers, classes: classes ?? null, roles, owners: inputOwners(towers, roles, graph), refused };
}

/** A state with height and width apart: the sums of a convolutional net, or of attention within windows. */
function isImage(chain: ResidualChain, types: TypeTable): boolean {
  const first = chain[0]?.stream;
  return first !== undefined && types.of(first).shape?.length === 4;
}

const mixesPositions = (graph: Graph, { anchors, problems }: AttentionFound): boolean =>
  anchors.length + problems.length > 0 || graph.nodes.some((node) => fusedAttention.has(node.op));

/** Layers share masks and what they attend to. */
function once<Key, Answer>(answer: (key: Key) => Answer): (key: Key) => Answer {
  const known = new Map<Key, Answer>();
  return (key) => {
    const found = known.get(key) ?? answer(key);
    known.set(key, found);
    return found;
  };
}

/** Where masks go: into every softmax of attention, read or not, and into fused attention behind queries, keys and values. */
function maskedScores(graph: Graph, { anchors, problems }: AttentionFound): readonly Value[] {
  const softmaxes = [...anchors, ...problems].flatMap(({ softmax }) => softmax.inputs[0] ?? []);
  const fused = graph.nodes.filter((node) => fusedAttention.has(node.op)).flatMap((node) => node.inputs.slice(3));
  return [...softmaxes, ...fused.filter((input): input is Value => input !== undefined)];
}

function noStream(model: OnnxModel, anchors: readonly AttentionAnchor[]): Refusal {
  const known = fusedSums(model) ?? unreadForms.find(({ ops }) => model.graph.nodes.some((node) => ops.test(node.op)))?.reason;
  if (known !== undefined) return { what: 'Layers, heads and neurons', reason: known };
  return anchors.length === 0
    ? { what: 'Layers, heads and neurons', reason: 'No attention and no residual stream were found in the graph; its inputs, outputs and nodes are listed all the same' }
    : {
      what: anchors.length === 1 ? 'Its one attention layer' : `Its ${anchors.length} attention layers`,
      reason: `${anchors.length === 1 ? 'Its output never meets' : 'Their outputs never meet'} a residual sum, so there is no stream to cut the model at`,
    };
}

const normsWithSums = /^(Skip.*LayerNormalization|EmbedLayerNormalization)$/;

/** Why residual sums that are fused with norms were not opened; undefined where there are none. */
function fusedSums({ graph, decomposed }: OnnxModel): string | undefined {
  const node = graph.nodes.find(({ op }) => normsWithSums.test(op));
  if (!node) return undefined;
  return `Residual sums are fused with norms (${node.op}), which are not opened since ${decomposed.left.get(node.proto) ?? 'they are of an unknown kind'}: export the model without fusing it`;
}

/** Forms in which a graph hides its stream. */
const unreadForms: readonly { readonly ops: RegExp; readonly reason: string }[] = [
  { ops: /^(QLinearMatMul|QGemm|QLinearAdd)$/, reason: 'Values between operators are integers (QOperator format), which is not read: quantise with QuantFormat.QDQ, or use the float export' },
  { ops: /^(MatMulInteger|QAttention)$/, reason: 'Projections are quantised in a form that is not read: use the float export' },
];

/** Attention that belongs to no sum of the stream. */
function unused(found: AttentionFound, used: ReadonlySet<GraphNode>): readonly Refusal[] {
  return [
    ...found.problems.filter((problem) => !used.has(problem.softmax)).map(problemRefusal),
    ...found.anchors.filter((anchor) => !used.has(anchor.softmax)).map(({ softmax }) => ({
      what: around(softmax), reason: 'Its output does not reach a sum of the main residual stream through a projection',
    })),
  ];
}

const problemRefusal = ({ softmax, reason }: AnchorProblem): Refusal => ({ what: around(softmax), reason });
const around = (softmax: GraphNode): string => `The attention around node "${softmax.name || softmax.index}"`;
