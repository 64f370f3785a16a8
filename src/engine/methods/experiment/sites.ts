/** Sites of an experiment as places of a model: which tensor of which layer, and along which of its axes cells lie. */
import { parseShort } from '../../../shared/addresses.ts';
import { CogscopeError } from '../../../shared/errors.ts';
import type { By, Site } from '../../../shared/experiment/experiment.ts';
import type { Selection } from '../../analysis/slab.ts';
import type { AddressEntry } from '../../anatomy/addresses.ts';
import type { Atom, Tower } from '../../anatomy/types.ts';
import type { ModelSession } from '../../session.ts';

/** Behind `blocks.N.` in an address. */
const hooks: Readonly<Record<Site, string>> = {
  resid_pre: 'hook_resid_pre', resid_mid: 'hook_resid_mid', resid_post: 'hook_resid_post', attn_out: 'hook_attn_out', mlp_out: 'hook_mlp_out',
  z: 'attn.hook_z', q: 'attn.hook_q', k: 'attn.hook_k', v: 'attn.hook_v', pattern: 'attn.hook_pattern', mlp_post: 'mlp.hook_post',
};

/** Along which axes a cell is one index. */
const byAxes: Readonly<Record<By, readonly (keyof Selection)[]>> = { layer: [], position: ['position'], head: ['head'], 'head-position': ['head', 'position'], neuron: ['neuron'] };

const atoms: Readonly<Record<keyof Selection, readonly Atom[]>> = { position: ['pos', 'dest'], head: ['head', 'kv'], neuron: ['neuron'] };

/** A tensor that an experiment edits. */
export interface SitePlace {
  readonly site: Site;
  readonly layer: number;
  readonly entry: AddressEntry;
}

const prefixOf = ({ name }: Tower): string => (name === '' ? '' : `${name}.`);

/** The site in every layer of a tower that has it. Throws where no layer has it, or where its cells cannot be had. */
export function sitePlaces(session: ModelSession, tower: Tower, site: Site, by: By, layers: readonly number[] | undefined): readonly SitePlace[] {
  const wanted = tower.blocks.filter((block) => !layers || layers.includes(block.index));
  const beyond = layers?.find((layer) => !tower.blocks.some((block) => block.index === layer));
  if (beyond !== undefined) throw new CogscopeError('usage', `There is no layer ${beyond}`, `Choose of 0 to ${tower.blocks.length - 1}`);
  const places = wanted.flatMap((block) => {
    const entry = session.entry(`${prefixOf(tower)}blocks.${block.index}.${hooks[site]}`);
    return entry ? [{ site, layer: block.index, entry }] : [];
  });
  const [first] = places;
  if (!first) {
    throw session.refusalOf((address) => address.endsWith(`.${hooks[site]}`))
      ?? new CogscopeError('refused', `This model has no ${site}`, 'Choose another site; "cogscope inspect --addresses" lists what it has');
  }
  const lacking = byAxes[by].find((axis) => !first.entry.axes.some((atom) => atoms[axis].includes(atom)));
  if (lacking) throw new CogscopeError('usage', `${site} has no axis of ${lacking}s`, `Its axes are ${first.entry.axes.join(', ')}: choose "by" to fit`);
  return places;
}

/** The address of one cell. */
export function cellAddress({ site, layer, entry }: SitePlace, by: By, at: Selection): string {
  const prefix = prefixOf(entry.tower);
  const behind = at.position === undefined ? '' : `@${at.position}`;
  switch (by) {
    case 'layer':
    case 'position':
      return `${entry.address}${behind}`;
    case 'head':
    case 'head-position':
      return `${prefix}L${layer}H${at.head ?? 0}${site === 'z' ? '' : `.${site}`}${behind}`;
    case 'neuron':
      return `${prefix}L${layer}N${at.neuron ?? 0}`;
    default:
      return by satisfies never;
  }
}

const headPart = /^(.*L\d+H\d+)\.(q|k|v|pattern|z)(@-?\d+)?$/;

/** An address of the forms that cells have, back to its place: `L4H4`, `L4H4.q@7`, `L3N12`, `L4.resid_post@3`, `blocks.4.hook_attn_out@7`. Throws 'usage' for others. */
export function placeAt(session: ModelSession, text: string): { readonly place: SitePlace; readonly at: Selection } {
  const ofHead = headPart.exec(text);
  const short = parseShort(ofHead ? `${ofHead[1] ?? ''}${ofHead[3] ?? ''}` : text);
  if (short && short.kind !== 'site') {
    const site: Site = short.kind === 'neuron' ? 'mlp_post' : (ofHead?.[2] as Site | undefined) ?? 'z';
    const place = find(session, text, short.tower, short.layer, site);
    return { place, at: { ...(short.kind === 'neuron' ? { neuron: short.neuron } : { head: short.head }), ...(short.position === null ? {} : { position: short.position }) } };
  }
  const [, tower = '', layer = '', hook = '', position] = /^(?:(enc|dec|text|vision)\.)?(?:blocks\.|L)(\d+)\.([a-z_.]+?)(?:@(-?\d+))?$/.exec(text) ?? [];
  const site = (Object.keys(hooks) as Site[]).find((one) => hooks[one] === hook || one === hook);
  if (!site) throw unknown(text);
  return { place: find(session, text, tower, Number(layer), site), at: position === undefined ? {} : { position: Number(position) } };
}

function find(session: ModelSession, text: string, prefix: string, layer: number, site: Site): SitePlace {
  const entry = session.entry(`${prefix === '' ? '' : `${prefix}.`}blocks.${layer}.${hooks[site]}`);
  if (!entry) throw unknown(text);
  return { site, layer, entry };
}

const unknown = (text: string): CogscopeError => new CogscopeError('usage', `No address of this model is "${text}"`, 'List them with "cogscope inspect --addresses"; heads are L4H4, positions blocks.4.hook_resid_pre@7');
