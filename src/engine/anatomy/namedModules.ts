/** Which Python modules layers and their parts were, by the names that an exporter gave their nodes. */
import type { GraphNode } from '../onnx/graph.ts';
import type { LayerPart, NamedModule } from '../../shared/sourceMap.ts';
import { pathInName } from './moduleName.ts';
import type { Attention, Block, Tower } from './types.ts';
import { nodesBetween } from './walk.ts';

/** Layers of one kind are one entry: "blocks.*.attention". Empty where nodes have no such names. */
export function namedModules(towers: readonly Tower[]): readonly NamedModule[] {
  const found = new Map<string, NamedModule & { readonly layers: number[] }>();
  for (const { name: tower, blocks } of towers) {
    for (const block of blocks) {
      for (const [part, nodes] of partsOf(block)) {
        const path = sharedPath(nodes, block.index);
        if (path === '') continue;
        const key = `${tower} ${part} ${path}`;
        const entry = found.get(key) ?? { tower, part, path, layers: [] };
        entry.layers.push(block.index);
        found.set(key, entry);
      }
    }
  }
  return [...found.values()];
}

/** Of attention and MLP the nodes at both ends: what lies between may have come from helpers with names of their own. */
function partsOf({ start, residPost, attention, cross, mlp }: Block): readonly (readonly [LayerPart, readonly GraphNode[]])[] {
  const ends = ({ softmax, projection }: Attention): readonly GraphNode[] => [softmax, projection];
  return [
    ['block', nodesBetween(start.value, residPost.value)],
    ...(attention ? [['attention', ends(attention)] as const] : []),
    ...(cross ? [['cross', ends(cross)] as const] : []),
    ...(mlp ? [['mlp', [...(mlp.post.value.producer ? [mlp.post.value.producer] : []), mlp.projection]] as const] : []),
  ];
}

/** The module that all nodes with such a name lie in, with a star for the layer's number. */
function sharedPath(nodes: readonly GraphNode[], layer: number): string {
  const paths = nodes.map((node) => pathInName(node.name)).filter((path) => path !== undefined).map((path) => path.split('.'));
  const [first = []] = paths;
  const shared = first.filter((_, at) => paths.every((path) => path.slice(0, at + 1).join('.') === first.slice(0, at + 1).join('.')));
  return shared.map((name) => (name === String(layer) ? '*' : name)).join('.');
}
