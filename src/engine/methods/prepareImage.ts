/** An image as the model sees it, with its patches and what its positions are called. */
import type { TokenInfo } from '../../shared/protocol/engineApi.ts';
import type { PatchGrid, PreparedImage } from '../../shared/protocol/imageApi.ts';
import { readPatches } from '../anatomy/patches.ts';
import type { Tensor } from '../ort/tensor.ts';
import type { ModelSession } from '../session.ts';
import { imageTensor, pixelsInput } from './imageInput.ts';

export async function prepareImage(session: ModelSession, path: string): Promise<PreparedImage> {
  const { picture, tensor } = await imageTensor(session, path);
  const { width, height, data } = picture;
  const rgba = new Uint8Array(width * height * 4).fill(255);
  for (let at = 0; at < width * height; at++) rgba.set(data.subarray(at * 3, at * 3 + 3), at * 4);
  const grid = gridOf(session, tensor);
  return { width, height, rgba, grid, towers: positionNames(session, grid) };
}

/** By the sizes of the image that is given, since a file may take images of any. */
export function gridOf(session: ModelSession, { dims }: Tensor): PatchGrid | null {
  const pixels = pixelsInput(session);
  const patches = pixels && readPatches(session.anatomy.towers, pixels, session.types);
  if (!patches) return null;
  const [rows, cols] = [0, 1].map((axis) => Math.floor(((dims[axis + 2] ?? 0) - (patches.kernel[axis] ?? 0)) / (patches.stride[axis] ?? 1)) + 1);
  return { tower: patches.tower.name, lead: patches.lead, rows: rows ?? 0, cols: cols ?? 0 };
}

/** Names of positions, by tower: patches, and the learnt query of a head that pools them. */
export function positionNames({ anatomy }: Pick<ModelSession, 'anatomy'>, grid: PatchGrid | null): PreparedImage['towers'] {
  const pools = anatomy.towers.filter(({ kind }) => kind === 'pool').map(({ name }) => [name, [position('probe', 0, true)]] as const);
  if (!grid) return Object.fromEntries(pools);
  const { tower, lead, rows, cols } = grid;
  const before = Array.from({ length: lead }, (_, at) => position(at === 0 ? 'CLS' : `extra${at}`, at, true));
  const patches = Array.from({ length: rows * cols }, (_, at) => position(`${Math.floor(at / cols)},${at % cols}`, lead + at, false));
  return Object.fromEntries([[tower, [...before, ...patches]] as const, ...pools]);
}

const position = (text: string, id: number, special: boolean): TokenInfo => ({ id, text, start: 0, end: 0, special, approximate: false });
