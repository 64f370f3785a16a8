/** From the exporter's record, read node by node, to lines with what each made. */
import type { Graph, GraphNode, Value } from '../onnx/graph.ts';
import { isFloatType } from '../onnx/elementType.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { SourceMap } from '../../shared/sourceMap.ts';
import type { SourceLine } from '../../shared/summary.ts';
import type { AddressEntry } from './addresses.ts';
import { namedModules } from './namedModules.ts';
import { axisOf, shapeOf } from './shapes.ts';
import type { FrameReader } from './source.ts';
import { addCalls } from './sourceCalls.ts';
import { SourceDrafts } from './sourceDrafts.ts';
import type { Anatomy } from './types.ts';
import { nodesBetween } from './walk.ts';

export interface MapSources {
  readonly graph: Graph;
  readonly types: TypeTable;
  readonly anatomy: Anatomy;
  readonly addresses: readonly AddressEntry[];
  readonly frames: FrameReader;
}

/** Which tower and layer a node belongs to; outside the layers none. */
interface Home {
  readonly tower: string;
  readonly layer: number | null;
}

const outside: Home = { tower: '', layer: null };

export function sourceMapOf(sources: MapSources): SourceMap {
  const drafts = new SourceDrafts();
  addAddresses(sources, drafts);
  addCalls(sources.anatomy.towers, sources.frames, drafts);
  addOthers(sources, drafts);
  const { lines } = drafts;
  return { lines, modules: lines.length === 0 ? namedModules(sources.anatomy.towers) : [] };
}

/** A state that ends a layer begins the next one: it is listed once, as what it is first. */
function addAddresses({ addresses, frames }: MapSources, drafts: SourceDrafts): void {
  const seen = new Set<Value>();
  for (const entry of addresses) {
    const { value } = entry.place;
    const line = value.producer && frames(value.producer)[0];
    if (!line || seen.has(value)) continue;
    seen.add(value);
    drafts.made(line, entry.layer, { tower: entry.tower.name, hook: hookOf(entry), shape: shapeOf(entry) });
  }
}

function hookOf({ address, tower, layer }: AddressEntry): string {
  const own = tower.name === '' ? address : address.slice(tower.name.length + 1);
  return layer === null ? own : own.slice(`blocks.${layer}.`.length);
}

/** How many nodes each line made, and, where nothing of it has an address, what it made last in each layer. */
function addOthers({ graph, types, anatomy, frames }: MapSources, drafts: SourceDrafts): void {
  const homes = homesOf(anatomy);
  const last = new Map<string, { readonly line: SourceLine; readonly home: Home; readonly value: Value }>();
  for (const node of graph.nodes) {
    const [line] = frames(node);
    if (!line) continue;
    drafts.count(line);
    const value = node.outputs[0];
    if (!value || !isActivation(value, types) || drafts.hasMade(line)) continue;
    const home = homes.get(node) ?? outside;
    last.set([line.file, line.line, home.tower, home.layer].join(' '), { line, home, value });
  }
  const names = promptAxes(anatomy, types);
  for (const { line, home, value } of last.values()) {
    const shape = (types.of(value).shape ?? []).map((dim) => axisOf(dim, names));
    drafts.made(line, home.layer, { tower: home.tower, hook: null, shape });
  }
}

function isActivation(value: Value, types: TypeTable): boolean {
  const { elemType, shape } = types.of(value);
  return isFloatType(elemType) && (shape?.length ?? 0) > 1;
}

function homesOf(anatomy: Anatomy): ReadonlyMap<GraphNode, Home> {
  const homes = new Map<GraphNode, Home>();
  for (const { name: tower, blocks } of anatomy.towers) {
    for (const { index: layer, start, residPost } of blocks) {
      for (const node of nodesBetween(start.value, residPost.value)) homes.set(node, { tower, layer });
    }
  }
  return homes;
}

/** What exporters call the axes of a prompt ("s77"), as the addresses' shapes call them. */
function promptAxes({ towers }: Anatomy, types: TypeTable): ReadonlyMap<string, string> {
  return new Map(towers.flatMap(({ ids }) =>
    ['batch', 'pos'].flatMap((name, at) => {
      const dim = ids ? types.of(ids).shape?.[at] : undefined;
      const [symbol] = dim?.coefficient === 1 && dim.symbols.length === 1 ? dim.symbols : [];
      return symbol === undefined ? [] : [[symbol, name] as const];
    })));
}
