/** The parts of a model that a line of Python made, to choose one of. Pure. */
import { headAddress, prefixOf } from '../../shared/addresses.ts';
import { counted } from '../../shared/format.ts';
import type { CalledPart, LayerPart, MadeLine, MadeTensor } from '../../shared/sourceMap.ts';
import { shapeText } from './words.ts';

export interface ModelPlace {
  readonly label: string;
  readonly description: string;
  /** Of attention that of its first head, which the attention panel shows; else a tensor's, for the tree. */
  readonly address: string;
}

export const isHead = (address: string): boolean => /[HX]\d+$/.test(address);

/** One for each layer of each activation, and of each part that it calls. */
export const placesOf = ({ made, calls }: MadeLine): readonly ModelPlace[] => [...calls.flatMap(placesOfCall), ...made.flatMap(placesOfTensor)];

function placesOfTensor({ tower, layers, hook, shape }: MadeTensor): readonly ModelPlace[] {
  if (hook === null) return [];
  const prefix = prefixOf(tower);
  if (layers.length === 0) return [{ label: `${prefix}${hook}`, description: shapeText(shape), address: `${prefix}${hook}` }];
  const heads = hook.endsWith('.hook_pattern') && typeof shape[1] === 'number' ? shape[1] : undefined;
  return layers.map((layer) => {
    const label = `${prefix}blocks.${layer}.${hook}`;
    if (heads === undefined) return { label, description: shapeText(shape), address: label };
    const kind = hook.startsWith('cross_attn.') ? 'cross' : 'self';
    return { label, description: `${counted(heads, 'head')}, ${shapeText(shape)}`, address: headAddress(tower, layer, 0, kind) };
  });
}

const called: Readonly<Record<LayerPart, { readonly name: string; address(block: string, tower: string, layer: number): string }>> = {
  block: { name: 'layer', address: (block) => `${block}.hook_resid_post` },
  attention: { name: 'attention', address: (_, tower, layer) => headAddress(tower, layer, 0) },
  cross: { name: 'cross attention', address: (_, tower, layer) => headAddress(tower, layer, 0, 'cross') },
  mlp: { name: 'MLP', address: (block) => `${block}.mlp.hook_post` },
};

function placesOfCall({ tower, layers, part }: CalledPart): readonly ModelPlace[] {
  const { name, address } = called[part];
  return layers.map((layer) => {
    const block = `${prefixOf(tower)}blocks.${layer}`;
    return { label: block, description: name, address: address(block, tower, layer) };
  });
}
