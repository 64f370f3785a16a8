/** Sites of an experiment as places of a model: which tensor of which layer, and along which of its axes cells lie. */
import { prefixOf } from '../../../shared/addresses.ts';
import { CogscopeError } from '../../../shared/errors.ts';
import { cellPlace } from '../../../shared/experiment/cellAddress.ts';
import type { By, Site } from '../../../shared/experiment/experiment.ts';
import { sites } from '../../../shared/experiment/sites.ts';
import { axesOf } from '../../analysis/slab.ts';
import type { Selection } from '../../analysis/slab.ts';
import type { AddressEntry } from '../../anatomy/addresses.ts';
import type { Tower } from '../../anatomy/types.ts';
import type { ModelSession } from '../../session.ts';

/** Along which axes a cell is one index. */
const byAxes: Readonly<Record<By, readonly (keyof Selection)[]>> = { layer: [], position: ['position'], head: ['head'], 'head-position': ['head', 'position'], 'head-dest-src': ['head', 'position', 'source'], neuron: ['neuron'] };

/** A tensor that an experiment edits. */
export interface SitePlace {
  readonly site: Site;
  readonly layer: number;
  readonly entry: AddressEntry;
}

/** The site in every layer of a tower that has it. Throws where no layer has it, or where its cells cannot be had. */
export function sitePlaces(session: ModelSession, tower: Tower, site: Site, by: By, layers: readonly number[] | undefined): readonly SitePlace[] {
  const wanted = tower.blocks.filter((block) => !layers || layers.includes(block.index));
  const beyond = layers?.find((layer) => !tower.blocks.some((block) => block.index === layer));
  if (beyond !== undefined) throw new CogscopeError('usage', `There is no layer ${beyond}`, `Choose of 0 to ${tower.blocks.length - 1}`);
  const places = wanted.flatMap((block) => {
    const entry = session.entry(`${prefixOf(tower.name)}blocks.${block.index}.${sites[site].hook}`);
    return entry ? [{ site, layer: block.index, entry }] : [];
  });
  const [first] = places;
  if (!first) {
    throw session.refusalOf((address) => address.endsWith(`.${sites[site].hook}`))
      ?? new CogscopeError('refused', `This model has no ${site}`, 'Choose another site; "cogscope inspect --addresses" lists what it has');
  }
  const lacking = byAxes[by].find((axis) => !first.entry.axes.some((atom) => axesOf[axis].includes(atom)));
  if (lacking) throw new CogscopeError('usage', `${site} has no axis of ${lacking}s`, `Its axes are ${first.entry.axes.join(', ')}: choose "by" to fit`);
  return places;
}

/** The address of one cell. */
export function cellAddress({ site, layer, entry }: SitePlace, by: By, at: Selection): string {
  const prefix = prefixOf(entry.tower.name);
  const behind = at.position === undefined ? '' : `@${at.position}${at.source === undefined ? '' : `,${at.source}`}`;
  switch (by) {
    case 'layer':
    case 'position':
      return `${entry.address}${behind}`;
    case 'head':
    case 'head-position':
    case 'head-dest-src':
      return `${prefix}L${layer}H${at.head ?? 0}${site === 'z' ? '' : `.${site}`}${behind}`;
    case 'neuron':
      return `${prefix}L${layer}N${at.neuron ?? 0}`;
    default:
      return by satisfies never;
  }
}

/** An address of the forms that cells have, back to its place in this model. Throws 'usage' for others. */
export function placeAt(session: ModelSession, text: string): { readonly place: SitePlace; readonly at: Selection } {
  const found = cellPlace(text);
  const entry = found && session.entry(`${prefixOf(found.tower)}blocks.${found.layer}.${sites[found.site].hook}`);
  if (!found || !entry) throw unknown(text);
  return { place: { site: found.site, layer: found.layer, entry }, at: found.at };
}

const unknown = (text: string): CogscopeError => new CogscopeError('usage', `No address of this model is "${text}"`, 'List them with "cogscope inspect --addresses"; heads are L4H4, positions blocks.4.hook_resid_pre@7');
