/** What a model is, for a person at a terminal. */
import type { SymbolAddress } from '../../shared/protocol/engineApi.ts';
import type { CheckReport, CheckResult, Figure, InputRole, LayerSummary, ModelInput, ModelSummary, Refusal, TowerSummary } from '../../shared/summary.ts';
import { bytes, count, counted } from '../../shared/format.ts';
import { figure, ms, ranges, rough, shape } from './figures.ts';
import { table, wrap } from './layout.ts';
import { sourceSection } from './source.ts';

export interface Inspection {
  readonly summary: ModelSummary;
  /** As it was typed. */
  readonly path: string;
  readonly report: CheckReport | null;
  readonly addresses: readonly SymbolAddress[] | null;
}

export function inspectText({ summary, path, report, addresses }: Inspection): string {
  const sections = [
    headSection(summary, path),
    ...summary.towers.map(towerSection),
    ['Inputs', ...table(summary.inputs.map((input) => [input.name, input.type, shape(input.shape), inputWords(input)]), { indent: 2 })],
    ['Outputs', ...table(summary.outputs.map((output) => [output.name, output.type, shape(output.shape)]), { indent: 2 })],
    report ? checkSection(report) : [],
    refusedSection([...summary.refused, ...(report?.refused ?? [])]),
    sourceSection(summary),
    addresses ? ['Addresses', ...table(addresses.map((one) => [one.address, shape(one.axes.map(axisWord)), one.tensor]), { indent: 2 })] : [],
    tailSection(summary, report),
  ];
  return `${sections.filter((section) => section.length > 0).map((section) => section.join('\n')).join('\n\n')}\n`;
}

function headSection({ model }: ModelSummary, path: string): readonly string[] {
  const { externalBytes, weightTypes, opset } = model;
  const types = Object.entries(weightTypes).filter(([type]) => type.includes('float') || Object.keys(weightTypes).length === 1).map(([type]) => type);
  const facts = [
    bytes(model.bytes) + (externalBytes > 0 ? ` and ${bytes(externalBytes)} beside it` : ''),
    `${rough(model.parameters)} parameters${types.length > 0 ? ` (${types.join(', ')})` : ''}`,
    counted(model.nodes, 'node'),
    Object.entries(opset).map(([domain, version]) => `${domain === '' ? 'opset' : domain} ${version}`).join(', '),
    ...(model.producer === '' ? [] : [`made by ${model.producer}`]),
  ];
  return [path, ...wrap(facts.join(' · '), 2)];
}

/** Axes as TransformerLens writes them. */
const axisWords: Readonly<Record<string, string>> = { dModel: 'd_model', dHead: 'd_head', kv: 'kv_head', neuron: 'd_mlp' };
const axisWord = (axis: string): string => axisWords[axis] ?? axis;

const kinds = { decoder: 'Decoder', encoder: 'Encoder', vision: 'Vision transformer', pool: 'Pooling head', cnn: 'Convolutional network' } as const;
const norms = { pre: 'norm before each half', post: 'norm after each half', parallel: 'attention and MLP in parallel', sandwich: 'norm before and after each half', none: 'no norm' } as const;
const positions = { learned: 'learned positions', rotary: 'rotary positions', alibi: 'ALiBi positions', relative: 'relative positions', none: 'no positions' } as const;

/** Rows that differ in their name alone are still a row each: the name is the address. */
function convolutionSection({ name, layers, convolutions }: TowerSummary): readonly string[] {
  const rows = convolutions.map((one) => [one.name, known(one.channels), one.kernel.join('×'), one.stride.join('×'), one.groups === 1 ? '' : count(one.groups)]);
  return [
    `${kinds.cnn}${name === '' ? '' : ` "${name}"`} of ${counted(layers, 'convolution')}`, '',
    ...table([['address', 'channels', 'kernel', 'stride', 'groups'], ...rows], { indent: 2, right: [1, 2, 3, 4] }),
  ];
}

function towerSection(tower: TowerSummary): readonly string[] {
  if (tower.kind === 'cnn') return convolutionSection(tower);
  const title = `${kinds[tower.kind]}${tower.name === '' ? '' : ` "${tower.name}"`} of ${counted(tower.layers, 'layer')}`;
  const words = [
    `width ${known(tower.dModel)}`, ...(tower.takesIds || tower.vocab !== null ? [`vocabulary ${known(tower.vocab)}`] : []), ...(tower.context === null ? [] : [`context ${count(tower.context)}`]),
    norms[tower.norm], positions[tower.positions], tower.causal ? 'causal' : 'not causal',
    ...(tower.attendsTo === null ? [] : [`cross attention to ${tower.attendsTo === '' ? 'the tower before it' : tower.attendsTo}`]),
  ];
  const rows = alike(tower.blocks, (block) => layerRow(block).join('|')).map((group) => [ranges(group.map((block) => block.index)), ...layerRow(group[0])]);
  const unknown = rows.flat().includes('?') || words.some((word) => word.endsWith(' ?'));
  return [
    title, ...wrap(words.join(' · '), 2), '',
    ...table([['layers', 'heads', 'kv', 'd_head', 'neurons', 'activation'], ...rows], { indent: 2, right: [1, 2, 3, 4] }),
    ...(unknown ? ['  ? is unknown until the model runs'] : []),
  ];
}

const known = (value: Figure): string => (value === null ? '?' : count(value));

function layerRow(block: LayerSummary): readonly string[] {
  const { mlp } = block;
  const attention = block.attention ?? block.cross;
  const heads = attention ? [attention.heads, attention.kvHeads, attention.dHead].map(known) : ['none', '', ''];
  return [...heads, ...(mlp ? [known(mlp.neurons), `${mlp.activation}${mlp.gated ? ', gated' : ''}`] : ['none', ''])];
}

/** Neighbours with the same key, together. */
function alike<T>(items: readonly T[], key: (item: T) => string): readonly (readonly [T, ...T[]])[] {
  const groups: [T, ...T[]][] = [];
  for (const item of items) {
    const last = groups.at(-1);
    if (last && key(last[0]) === key(item)) last.push(item);
    else groups.push([item]);
  }
  return groups;
}

const roles: Readonly<Record<InputRole, string>> = {
  ids: 'token ids', mask: 'attention mask', positions: 'positions', types: 'token types', past: 'past keys or values', cache: 'chooses between with and without a past', pixels: 'pixels', features: 'sound', states: 'states to attend to', unknown: 'purpose unknown',
};

function inputWords(input: ModelInput): string {
  if (input.role === 'ids') return roles.ids;
  if (input.role === 'pixels') return `${roles.pixels}; give them with --image FILE, or --input ${input.name}=FILE`;
  return `${roles[input.role]}; ${input.filledWith === null ? `give it with --input ${input.name}=FILE` : `${input.filledWith} unless given`}`;
}

function checkSection(report: CheckReport): readonly string[] {
  if (report.error) return [];
  const groups = [...new Set(report.checks.map((check) => check.name))].map((name) => report.checks.filter((check) => check.name === name));
  const rows = groups.flatMap((group) => {
    const failed = group.filter((check) => !check.ok);
    const worst = group.reduce((a, b) => (b.maxAbs / b.tolerance > a.maxAbs / a.tolerance ? b : a));
    return (failed.length > 0 ? failed : [worst]).map((check) => checkRow(check, failed.length > 0 ? check.address : groupPlace(group)));
  });
  const failed = report.checks.filter((check) => !check.ok).length;
  return [
    `Checks on a small run: ${failed === 0 ? `all ${count(report.checks.length)} hold` : `${failed} of ${count(report.checks.length)} do not hold`}`,
    ...table([['', 'check', 'where', 'worst', 'allowed'], ...rows], { indent: 2, right: [3, 4] }),
  ];
}

const groupPlace = (group: readonly CheckResult[]): string => (group.length === 1 ? group[0]?.address ?? '' : counted(group.length, 'layer'));

function checkRow(check: CheckResult, where: string): readonly string[] {
  return [check.ok ? 'ok' : 'FAILED', check.name, where, figure(check.maxAbs), figure(check.tolerance)];
}

/** Refusals for one reason are one line: a missing data file refuses every weight in it. */
function refusedSection(refused: readonly Refusal[]): readonly string[] {
  if (refused.length === 0) return [];
  const reasons = [...new Set(refused.map((refusal) => refusal.reason))];
  return ['Refused', ...reasons.flatMap((reason) => {
    const [first, ...more] = refused.filter((refusal) => refusal.reason === reason);
    return wrap(`${first?.what ?? ''}${more.length > 0 ? `, and ${counted(more.length, 'other')}` : ''}: ${reason}`, 2, 4);
  })];
}

function tailSection(summary: ModelSummary, report: CheckReport | null): readonly string[] {
  const { tokenizer } = summary;
  return [
    ...(summary.inputs.some((input) => input.role === 'pixels') ? wrap(imageWords(summary), 0, 2) : []),
    // A model of images alone needs none.
    ...(summary.inputs.every((input) => input.role === 'pixels') ? [] : wrap('missing' in tokenizer ? tokenizer.missing : `Tokenizer: ${tokenizer.kind}, ${tokenizer.path}`, 0, 2)),
    `Read in ${ms(summary.ms.read)}, anatomy in ${ms(summary.ms.anatomy)}${report ? `, checks in ${ms(report.ms)}` : ''}`,
  ];
}

const imageWords = ({ images }: ModelSummary): string => (images && 'path' in images ? `Images: prepared as ${images.path} says` : `Images: ${images?.missing ?? 'none'}`);
