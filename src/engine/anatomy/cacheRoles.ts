import type { CacheSwitch } from '../onnx/cacheSwitch.ts';
import type { Value } from '../onnx/graph.ts';
import type { InputRole } from '../../shared/summary.ts';

/** Where a file holds a model with and one without a past: the inputs that choose between them and that the other one reads. */
export function withCacheRoles(roles: ReadonlyMap<Value, InputRole>, cache: CacheSwitch | undefined): ReadonlyMap<Value, InputRole> {
  if (!cache) return roles;
  return new Map([...roles].map(([input, role]) => [input, input.name === cache.input ? 'cache' : cache.pasts.has(input.name) ? 'past' : role]));
}
