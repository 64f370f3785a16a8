/** The map between canonical addresses (TransformerLens's vocabulary, cli.md) and the tensors behind them. */
import { prefixOf } from '../../shared/addresses.ts';
import type { Anatomy, Atom, Attention, Block, Place, Tower } from './types.ts';

export interface AddressEntry {
  /** blocks.0.attn.hook_pattern, with a tower prefix where there is more than one. */
  readonly address: string;
  readonly place: Place;
  /** The axes in which the value is given out, TransformerLens's order. */
  readonly axes: readonly Atom[];
  readonly layer: number | null;
  readonly tower: Tower;
}

export const residual: readonly Atom[] = ['batch', 'pos', 'dModel'];
export const perHead: readonly Atom[] = ['batch', 'pos', 'head', 'dHead'];
/** Keys and values of attention to another stream. */
export const perSource: readonly Atom[] = ['batch', 'src', 'head', 'dHead'];
export const square: readonly Atom[] = ['batch', 'head', 'dest', 'src'];
export const neurons: readonly Atom[] = ['batch', 'pos', 'neuron'];

/** The axes of a place, where grouped heads are not repeated yet. */
export const groupedAxes = ({ layout }: Place, axes: readonly Atom[]): readonly Atom[] =>
  (layout.some((axis) => axis.includes('kv')) ? axes.map((axis) => (axis === 'head' ? 'kv' : axis)) : axes);

interface BlockRow {
  readonly hook: string;
  readonly axes: readonly Atom[];
  readonly place: (block: Block) => Place | null | undefined;
}

const attentionRows = (module: string, keys: readonly Atom[], of: (block: Block) => Attention | null): readonly BlockRow[] => [
  { hook: `${module}.hook_q`, axes: perHead, place: (block) => of(block)?.q },
  { hook: `${module}.hook_k`, axes: keys, place: (block) => of(block)?.k },
  { hook: `${module}.hook_v`, axes: keys, place: (block) => of(block)?.v },
  { hook: `${module}.hook_attn_scores`, axes: square, place: (block) => of(block)?.scores },
  { hook: `${module}.hook_pattern`, axes: square, place: (block) => of(block)?.pattern },
  { hook: `${module}.hook_z`, axes: perHead, place: (block) => of(block)?.z },
  { hook: `hook_${module}_out`, axes: residual, place: (block) => of(block)?.out },
];

const blockRows: readonly BlockRow[] = [
  { hook: 'hook_resid_pre', axes: residual, place: (block) => block.residPre },
  ...attentionRows('attn', perHead, (block) => block.attention),
  { hook: 'hook_resid_mid', axes: residual, place: (block) => block.residMid },
  ...attentionRows('cross_attn', perSource, (block) => block.cross),
  { hook: 'hook_resid_mid_cross', axes: residual, place: (block) => block.residMidCross },
  { hook: 'mlp.hook_expert_weights', axes: ['batch', 'pos', 'expert'], place: (block) => block.router },
  { hook: 'mlp.hook_pre', axes: neurons, place: (block) => block.mlp?.pre },
  { hook: 'mlp.hook_pre_linear', axes: neurons, place: (block) => block.mlp?.preLinear },
  { hook: 'mlp.hook_post', axes: neurons, place: (block) => block.mlp?.post },
  { hook: 'hook_mlp_out', axes: residual, place: (block) => block.mlp?.out },
  { hook: 'hook_resid_post', axes: residual, place: (block) => block.residPost },
];

interface TowerRow {
  readonly hook: string;
  readonly axes: readonly Atom[];
  readonly place: (tower: Tower) => Place | null;
}

const towerRows: readonly TowerRow[] = [
  { hook: 'hook_embed', axes: residual, place: (tower) => tower.embed },
  { hook: 'hook_pos_embed', axes: residual, place: (tower) => tower.posEmbed },
  { hook: 'ln_final.hook_normalized', axes: residual, place: (tower) => tower.finalNorm },
];

const image: readonly Atom[] = ['batch', 'channel', 'height', 'width'];

/** Every address of the model, in the order in which a run makes the values. */
export function placesOf(anatomy: Anatomy): readonly AddressEntry[] {
  return anatomy.towers.flatMap((tower) => {
    const prefix = prefixOf(tower.name);
    const whole = towerRows.flatMap((row) => entry(tower, `${prefix}${row.hook}`, row.place(tower), row.axes, null));
    const blocks = tower.blocks.flatMap((block) =>
      blockRows.flatMap((row) => entry(tower, `${prefix}blocks.${block.index}.${row.hook}`, row.place(block), row.axes, block.index)));
    const convolutions = tower.convolutions.flatMap(({ name, output }) => entry(tower, `${prefix}${name}`, output, image, null));
    const final = whole.filter((one) => one.address.includes('ln_final'));
    return [...whole.filter((one) => !final.includes(one)), ...convolutions, ...blocks, ...final];
  });
}

function entry(tower: Tower, address: string, place: Place | null | undefined, axes: readonly Atom[], layer: number | null): readonly AddressEntry[] {
  if (!place) return [];
  return [{ address, place, axes: groupedAxes(place, axes), layer, tower }];
}
