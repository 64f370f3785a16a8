/** What the right-click menu of a cell is about: its head where it lies in one, else its address. */
import type { Run } from '../model/state.ts';

const head = /^((?:[a-z]+\.)?L\d+[HX]\d+)(?:\.[a-z]+)?(?:@\d+(?:,\d+)?)?$/;

/** The head that a cell's address lies in. */
export const headOf = (address: string): string | null => head.exec(address)?.[1] ?? null;

export function contextOf(run: Run | null, cell: number | null): string {
  const address = cell === null ? '' : run?.cells[cell]?.address ?? '';
  const inside = headOf(address);
  return JSON.stringify({ webviewSection: address === '' ? 'map' : inside === null ? 'address' : 'head', address: inside ?? address, preventDefaultContextMenuItems: true });
}
