/** Lists of what others say of neurons: plain ones, and those that Neuronpedia exports. Pure. */
import { basename } from 'node:path';
import { parseShort } from '../../../shared/addresses.ts';
import { CogscopeError } from '../../../shared/errors.ts';
import type { NeuronDescription } from '../../../shared/neurons/described.ts';

export interface DescribedNeuron extends NeuronDescription {
  readonly layer: number;
  readonly neuron: number;
  /** Of the list, from 1. */
  readonly entry: number;
}

/** Characters of a description. */
const LONGEST = 10_000;
const SHAPE = 'Write a list of {"address": "L3N1234", "description": "…"}, as the README has it';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The file's name tells a JSON document from one a line, and stands for the source where an entry names none.
 * Throws 'unreadable' for what is no such list, with the entry.
 */
export function readList(content: string, path: string): readonly DescribedNeuron[] {
  const entries = /\.(jsonl|ndjson)$/i.test(path) ? linesOf(content, path) : listOf(parsed(content, path, 'The list of descriptions is no JSON'), path);
  const found = entries.flatMap((entry, at) => described(entry, at + 1, path));
  if (found.length === 0) throw new CogscopeError('unreadable', 'The list has no description of a neuron', SHAPE, path);
  const seen = new Map<string, number>();
  for (const { layer, neuron, source, entry } of found) {
    const key = `${layer} ${neuron} ${source}`;
    const before = seen.get(key);
    if (before !== undefined) throw new CogscopeError('unreadable', `L${layer}N${neuron} is described twice by “${source}”, in entries ${before} and ${entry}`, 'Keep one of them, or give each a "source" of its own', path);
    seen.set(key, entry);
  }
  return found;
}

function parsed(text: string, path: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CogscopeError('unreadable', what, 'Save it as JSON, or one JSON value a line as .jsonl', path, String(error));
  }
}

const linesOf = (content: string, path: string): readonly unknown[] => content.split('\n').flatMap((line, at) => (line.trim() === '' ? [] : [parsed(line, path, `Line ${at + 1} of the list is no JSON`)]));

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The list itself, or an object that has it under one of the usual names; one entry alone is a list of one. */
function listOf(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (!isFields(value)) throw new CogscopeError('unreadable', 'The JSON is no list of descriptions', SHAPE, path);
  if (['address', 'layer', 'neuron', 'index'].some((key) => key in value)) return [value];
  const inside = ['neurons', 'descriptions', 'features', 'explanations'].map((key) => value[key]).find((one) => Array.isArray(one));
  if (inside === undefined) throw new CogscopeError('unreadable', 'The JSON is no list of descriptions', SHAPE, path);
  return inside as readonly unknown[];
}

function described(entry: unknown, number: number, path: string): readonly DescribedNeuron[] {
  const name = basename(path);
  const bad = (what: string): CogscopeError => new CogscopeError('unreadable', `Entry ${number} of the list ${what}`, SHAPE, path);
  if (!isFields(entry)) throw bad('is no object');
  const place = placeOf(entry, bad);
  const { explanations } = entry;
  if (!Array.isArray(explanations)) return [{ ...place, ...descriptionOf(entry, name, bad), entry: number }];
  // Several of one explainer are several sources.
  const used = new Map<string, number>();
  return explanations.map((one: unknown) => {
    if (!isFields(one)) throw bad('has an explanation that is no object');
    const { text, source, score } = descriptionOf(one, name, bad);
    const times = (used.get(source) ?? 0) + 1;
    used.set(source, times);
    return { ...place, text, source: times === 1 ? source : `${source} (${times})`, score, entry: number };
  });
}

/** By its address, or by "layer" (3, "3", or "3-mlp" as Neuronpedia has it) and "neuron" or "index". */
function placeOf(entry: Fields, bad: (what: string) => CogscopeError): { readonly layer: number; readonly neuron: number } {
  const { address, layer, neuron = entry['index'] } = entry;
  const text = typeof address === 'string' ? address : typeof neuron === 'string' && layer === undefined ? neuron : undefined;
  if (text !== undefined) {
    const short = parseShort(text.trim());
    if (short?.kind !== 'neuron' || short.tower !== '') throw bad(`names "${text.slice(0, 40)}", which is no neuron`);
    return { layer: short.layer, neuron: short.neuron };
  }
  const ownLayer = matched(layer, /^(\d{1,4})(?:-mlp)?$/);
  if (typeof layer === 'string' && ownLayer === undefined) throw bad(`is of "${layer.slice(0, 40)}", which is no layer’s neurons: features of sparse autoencoders are not the model’s`);
  const own = matched(neuron, /^(\d{1,7})$/);
  if (ownLayer === undefined || own === undefined) throw bad('names no neuron');
  return { layer: Number(ownLayer), neuron: Number(own) };
}

/** Numbers stand in lists as numbers or as strings. */
const matched = (value: unknown, pattern: RegExp): string | undefined => (typeof value === 'number' || typeof value === 'string' ? pattern.exec(String(value))?.[1] : undefined);

function descriptionOf(from: Fields, name: string, bad: (what: string) => CogscopeError): NeuronDescription {
  const { description = from['explanation'] ?? from['text'], source, explanationModelName, typeName, score = firstScore(from['scores']) } = from;
  if (typeof description !== 'string' || oneLine(description) === '') throw bad('has no description');
  if (description.length > LONGEST) throw bad(`has a description of more than ${LONGEST} characters`);
  if (score !== undefined && score !== null && (typeof score !== 'number' || !Number.isFinite(score))) throw bad('has a score that is no number');
  const named = [explanationModelName, typeName].filter((part): part is string => typeof part === 'string' && part !== '').join(', ');
  return { text: oneLine(description), source: oneLine(typeof source === 'string' ? source : named).slice(0, 200) || name, score: score ?? null };
}

/** Nothing that would move a terminal's cursor. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\s]+/gu, ' ').trim();

/** As Neuronpedia has it: [{"value": 0.7, …}]. */
function firstScore(scores: unknown): unknown {
  const [first] = Array.isArray(scores) ? (scores as readonly unknown[]) : [];
  return isFields(first) ? first['value'] : undefined;
}
