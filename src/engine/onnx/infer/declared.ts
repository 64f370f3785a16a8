import type { Value } from '../graph.ts';
import { number, symbol } from './dim.ts';
import { unknown } from './infer.ts';
import type { Inferred } from './infer.ts';

/** What the file says about a value; unnamed axes of inputs get a name of their own. */
export function declaredType(value: Value): Inferred {
  const type = value.declared?.value;
  if (type?.case !== 'tensorType') return unknown;
  const shape = type.value.shape?.dim.map((dim, axis) => {
    // Some exporters write -1 or 0 for a size that is open.
    if (dim.value.case === 'dimValue' && dim.value.value > 0n) return number(Number(dim.value.value));
    if (dim.value.case === 'dimParam' && dim.value.value !== '') return symbol(dim.value.value);
    return value.inputIndex >= 0 ? symbol(`${value.name}.${axis}`) : undefined;
  });
  return { elemType: type.value.elemType, shape, content: undefined };
}
