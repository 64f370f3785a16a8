/** The name of the Python module that a node stands for, where the exporter left it: a label for people, never evidence. */
import type { GraphNode } from '../onnx/graph.ts';
import type { NodeRecords } from '../onnx/nodeRecords.ts';

/** Words with dots between them, as Python writes the way to a module. */
const path = /^[A-Za-z_]\w*(\.\w+)*$/;

export function moduleName(node: GraphNode, records: NodeRecords): string | undefined {
  const isPath = (name: string | undefined): name is string => name !== undefined && path.test(name);
  return [fromWeight(node), fromNodeName(node)].find(isPath) ?? [fromScopes(node, records)].find(isPath);
}

/** `layer1.0.conv2.weight`: exporters keep it, also where a norm is folded into the weight. */
function fromWeight(node: GraphNode): string | undefined {
  return /^(.+)\.weight$/.exec(node.inputs[1]?.weight?.name ?? '')?.[1];
}

/** torch: `['', 'layer1', 'layer1.0', 'layer1.0.conv2', 'conv2d']`, the call itself last. */
function fromScopes(node: GraphNode, records: NodeRecords): string | undefined {
  const scopes = records.value(node.proto, 'pkg.torch.onnx.name_scopes');
  return [...scopes.matchAll(/'([^']*)'/g)].map(([, scope]) => scope).at(-2);
}

const fromNodeName = (node: GraphNode): string | undefined => (node.name.split('/').at(-1)?.startsWith('Conv') ? pathInName(node.name) : undefined);

/** The older exporter: `/layer1/layer1.0/conv2/Conv`, where an item of a list repeats the list's name. Undefined for a name of another form. */
export function pathInName(name: string): string | undefined {
  const parts = name.split('/');
  if (parts.length < 3 || parts[0] !== '') return undefined;
  return parts.slice(1, -1).reduce((names: readonly string[], part) => {
    const last = names.at(-1);
    return last !== undefined && part.startsWith(`${last}.`) ? [...names.slice(0, -1), part] : [...names, part];
  }, []).join('.');
}
