/** What a result must show: `expect` of an experiment's file. */
import type { Expectation, ExpectedField, ExperimentKind } from './experiment.ts';
import { Fields, isNumber, isObject } from './fields.ts';
import { kinds, recovers } from './kinds.ts';
import { quoted } from './problem.ts';
import type { Problem } from './problem.ts';

const expectedFields: readonly ExpectedField[] = ['recovered', 'effect', 'metric'];
const EXAMPLE = 'Write for instance {"address": "L1H3", "recovered": {"atLeast": 0.5}} or {"top": 3, "includes": ["L1H3"]}';

/** Entries that hold more than one field are as many expectations, in the file's order. */
export function readExpectations(fields: Fields, kind: ExperimentKind, problems: Problem[]): readonly Expectation[] {
  return fields.list('expect', [], 'a list of expectations', (value, pointer) => {
    if (isObject(value)) return readEntry(new Fields(value, pointer, problems), kind);
    problems.push({ pointer, what: `An expectation is an object, not ${quoted(value)}`, todo: EXAMPLE });
    return undefined;
  }).flat();
}

function readEntry(fields: Fields, kind: ExperimentKind): readonly Expectation[] {
  if (fields.has('top') || fields.has('includes')) return readTop(fields);
  fields.only(['address', ...expectedFields]);
  if (!fields.has('address')) {
    fields.missing('address', 'an expectation is about a cell, or about the strongest ones', EXAMPLE);
    return [];
  }
  const address = fields.text('address', '');
  const given = expectedFields.filter((field) => fields.has(field));
  if (given.length === 0) fields.note(fields.pointer, 'The expectation says nothing of its cell', 'Add for instance "recovered": {"atLeast": 0.5}');
  return given.flatMap((field) => {
    if (field === 'recovered' && !recovers(kind)) {
      fields.note(fields.at(field), `In ${kinds[kind].name} nothing is recovered: there is one run, and what a cell changes in it`, 'Expect "effect" or "metric" instead');
      return [];
    }
    return readBounds(fields, address, field);
  });
}

function readBounds(fields: Fields, address: string, field: ExpectedField): readonly Expectation[] {
  const bounds = fields.child(field, 'limits such as {"atLeast": 0.5}');
  if (bounds === undefined) return [];
  bounds.only(['atLeast', 'atMost']);
  const has = [bounds.has('atLeast'), bounds.has('atMost')];
  if (!has.includes(true)) bounds.note(bounds.pointer, `"${field}" has no limit`, 'Add "atLeast" or "atMost", or both');
  const atLeast = bounds.number('atLeast', 0);
  const atMost = bounds.number('atMost', 0);
  if (has[0] && has[1] && atLeast > atMost) bounds.note(bounds.pointer, `"atLeast" ${atLeast} is above "atMost" ${atMost}, so that nothing can hold`, 'Exchange them');
  return [{ kind: 'cell', address, field, ...(has[0] ? { atLeast } : {}), ...(has[1] ? { atMost } : {}) }];
}

function readTop(fields: Fields): readonly Expectation[] {
  fields.only(['top', 'includes']);
  if (!fields.has('top')) fields.missing('top', 'it says how many of the strongest cells are looked at', 'Write for instance "top": 3');
  if (!fields.has('includes')) fields.missing('includes', 'it names the cells that must be among the strongest', 'Write for instance "includes": ["L1H3"]');
  const top = fields.number('top', 1, { least: 1, whole: true });
  const includes = fields.list('includes', [], 'a list of addresses', (value, pointer) => {
    if (typeof value === 'string' && value !== '') return value;
    fields.note(pointer, `"includes" holds addresses, not ${quoted(value)}`, 'Write for instance "L1H3"');
    return undefined;
  });
  if (isNumber(fields.get('top')) && includes.length > top) fields.note(fields.pointer, `The ${top} strongest cannot hold all ${includes.length} of "includes"`, `Write "top": ${includes.length} or more`);
  return [{ kind: 'top', top, includes: [...new Set(includes)] }];
}
