/**
 * A JSON schema for completion and hovers alone. The extension marks what is wrong in an experiment's file in sentences of its own; by the schema itself the editor would mark it once more.
 *
 * What a value may be stays as one of two choices, the other of which is anything: the editor proposes from both and minds nothing.
 */
const LIMITS = ['required', 'additionalProperties', 'minItems', 'minLength', 'minProperties', 'minimum', 'maximum', 'exclusiveMinimum', 'pattern', 'oneOf', 'dependencies'];
const VALUES = ['type', 'enum', 'enumDescriptions', 'const'];

// Not `if`: conditions mark nothing, and say which keys there are.
const SCHEMAS = ['items', 'then', 'else'];
const LISTS = ['allOf', 'anyOf'];
const MAPS = ['properties', 'definitions'];

export function withoutLimits(schema) {
  // What may not be there is not proposed.
  if (schema === false) return { doNotSuggest: true };
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).filter(([key]) => !LIMITS.includes(key) && !VALUES.includes(key));
  const values = Object.entries(schema).filter(([key]) => VALUES.includes(key));
  const kept = Object.fromEntries(entries.map(([key, value]) => [key, inside(key, value)]));
  if (values.length === 0) return kept;
  const choice = { anyOf: [Object.fromEntries(values), {}] };
  return kept.anyOf ? { ...kept, allOf: [...(kept.allOf ?? []), choice] } : { ...kept, ...choice };
}

function inside(key, value) {
  if (SCHEMAS.includes(key)) return withoutLimits(value);
  if (LISTS.includes(key)) return value.map(withoutLimits);
  if (MAPS.includes(key)) return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withoutLimits(one)]));
  return value;
}
