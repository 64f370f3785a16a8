/** Checks put together by kind, so that a model of many layers stays a table of a few rows. */
import type { CheckReport, CheckResult, ModelSummary, Refusal } from '../../../src/shared/summary.ts';
import { refusedPart } from '../../lib/refusals.ts';
import type { RefusedPart } from '../../lib/refusals.ts';
import { layersWords } from '../../../src/shared/format.ts';

export interface CheckKind {
  /** As the engine names it. */
  readonly name: string;
  /** In the order of the report, which is that of the layers. */
  readonly results: readonly CheckResult[];
  /** The result nearest to its tolerance, or farthest beyond it; one that is no number is worst of all. */
  readonly worst: CheckResult;
  readonly failed: number;
}

export function checkKinds(checks: readonly CheckResult[]): readonly CheckKind[] {
  const names = [...new Set(checks.map((check) => check.name))];
  return names.flatMap((name) => {
    const results = checks.filter((check) => check.name === name);
    const [first, ...others] = results;
    if (!first) return [];
    const worst = others.reduce((found, check) => (severity(check) > severity(found) ? check : found), first);
    return [{ name, results, worst, failed: results.filter((check) => !check.ok).length }];
  });
}

/** How much of what was allowed is used. */
function severity({ maxAbs, tolerance }: CheckResult): number {
  if (Number.isNaN(maxAbs)) return Infinity;
  if (tolerance === 0) return maxAbs === 0 ? 0 : Number.MAX_VALUE;
  return maxAbs / tolerance;
}

const blockPattern = /^((?:\w+\.)?)blocks\.(\d+)$/;

/** "L3", "enc.L3", "logits" */
export const placeWords = (address: string): string => address.replace(blockPattern, '$1L$2');

/** What is said about each kind, by how its name begins. */
const meanings: readonly (readonly [start: string, meaning: string])[] = [
  ['pattern x v', 'The attention weights times the values give what each head puts out.'],
  ['cross pattern x v', 'The weights of cross attention times the values of the other stream give what each head puts out.'],
  ['|cross q|', 'The queries that are shown are those of the scores.'],
  ['|cross k|', 'The keys that are shown are those of the scores, at the other stream’s positions.'],
  ['pattern looks back only', 'No token attends to a later one, as in a model that foretells the next.'],
  ['|q|', 'The queries that are shown are those of the scores: turning by position leaves their lengths.'],
  ['|k|', 'The keys that are shown are those of the scores: turning by position leaves their lengths.'],
  ['mlp_post x W_out', 'The neurons’ activations times the output weights give what the MLP adds.'],
  ['resid_', 'What a half of the layer adds is added to the residual stream, and nothing else is.'],
  ['chain = file', 'The stages that we run one by one give the logits of the file run as a whole.'],
  ['fast chain = file', 'The same with all of ONNX Runtime’s optimisations, as it runs for you.'],
];

const activation = 'The nonlinearity, applied to what enters the neurons, gives their activations.';

export const meaningOf = (name: string): string => meanings.find(([start]) => name.startsWith(start))?.[1] ?? (name.endsWith('= mlp_post') ? activation : '');

/** "pattern x v = z" with a real multiplication sign. */
export const checkWords = (name: string): string => name.replaceAll(' x ', ' × ');

/** What the report leaves unproved, and why: its own refusals drawn together, then what no check spoke of. */
export function unproved(report: CheckReport, summary: ModelSummary): readonly Refusal[] {
  if (report.error) return [];
  return [...groupRefusals(report.refused), ...unchecked(report, summary)];
}

const atBlock = /^(.*) at (?:(\w+)\.)?blocks\.(\d+)$/;

/** A part of a layer, whether the check names it or the anatomy. */
function partOf(what: string): RefusedPart | undefined {
  const [, part, tower = '', layer] = atBlock.exec(what) ?? [];
  return part === undefined ? refusedPart(what) : { part, tower, layer: Number(layer) };
}

/** What is refused at several layers of a tower for one reason becomes one line. */
export function groupRefusals(refused: readonly Refusal[]): readonly Refusal[] {
  const groups = new Map<string, { readonly what: string; readonly tower: string; readonly reason: string; readonly layers: number[] }>();
  for (const { what, reason } of refused) {
    const { part, tower, layer } = partOf(what) ?? { part: what, tower: '', layer: null };
    const key = [part, tower, reason].join('|');
    const group = groups.get(key) ?? { what: part, tower, reason, layers: [] };
    groups.set(key, group);
    if (layer !== null) group.layers.push(layer);
  }
  return [...groups.values()].map(({ what, tower, reason, layers }) => ({ what: `${checkWords(what)}${layers.length > 0 ? atLayers(layers, tower) : ''}`, reason }));
}

const atLayers = (layers: readonly number[], tower: string): string => ` at ${layersWords(layers)}${tower === '' ? '' : ` (${tower}.)`}`;

/** A layer's part, the check that would prove it, and what to call it. */
const claims = [
  { start: 'cross pattern x v', what: 'The heads’ outputs in cross attention', has: 'cross' },
  { start: 'pattern x v', what: 'The heads’ outputs', has: 'attention' },
  { start: 'resid_', what: 'The sums into the residual stream', has: 'any' },
  { start: 'mlp_post', what: 'The MLPs’ outputs', has: 'mlp' },
] as const;

function unchecked(report: CheckReport, { towers }: ModelSummary): readonly Refusal[] {
  const spoken = [...report.checks.map(({ name, address }) => `${name} at ${address}`), ...report.refused.map(({ what }) => what)];
  const parts = towers.flatMap((tower) => claims.flatMap(({ start, what, has }): readonly Refusal[] => {
    const layers = tower.blocks
      .filter((block) => has === 'any' || block[has] !== null)
      .filter((block) => !spoken.some((one) => one.startsWith(start) && one.endsWith(` at ${tower.name === '' ? '' : `${tower.name}.`}blocks.${block.index}`)))
      .map((block) => block.index);
    return layers.length === 0 ? [] : [{ what: `${what}${atLayers(layers, tower.name)}`, reason: 'No check compares them in a model of this form' }];
  }));
  const chain = report.checks.some((check) => check.name.includes('chain = file'));
  return [...parts, ...(chain || towers.length === 0 ? [] : [{ what: 'The stages against the whole file', reason: 'The model has no logits to compare' }])];
}
