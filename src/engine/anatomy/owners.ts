/** Which tower an input belongs to: the one whose positions it has a value for each of. */
import type { InputRole } from '../../shared/summary.ts';
import type { Graph, Value } from '../onnx/graph.ts';
import { reachesScores } from './roles.ts';
import type { Tower } from './types.ts';
import { flowsFrom } from './walk.ts';

/** A mask that several towers read belongs to the first: an encoder's is read by its decoder's cross attention too. */
export function inputOwners(towers: readonly Tower[], roles: ReadonlyMap<Value, InputRole>, graph: Graph): ReadonlyMap<Value, Tower> {
  const owners = new Map<Value, Tower>();
  for (const input of graph.inputs) {
    const role = roles.get(input) ?? 'unknown';
    const flow = flowsFrom(graph, [input]);
    const isOwn = (tower: Tower): boolean => {
      const first = tower.blocks[0]?.start.value;
      return (first !== undefined && flow[first.id] === 1) || (role !== 'states' && reachesScores(input, tower.blocks.flatMap(({ attention }) => attention?.scores.value ?? [])));
    };
    const owner = towers.find(isOwn) ?? (towers.length === 1 && role !== 'states' && !masksSource(input, towers) ? towers[0] : undefined);
    if (owner) owners.set(input, owner);
  }
  return owners;
}

/** A mask of what an input gives to attend to. */
const masksSource = (input: Value, towers: readonly Tower[]): boolean => towers.some((tower) => reachesScores(input, tower.blocks.flatMap(({ cross }) => cross?.scores.value ?? [])));
