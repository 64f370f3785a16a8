/** From what is typed to the token that is asked about. */

/** "#12" is an id, as is a plain number where the prompt is given as ids; null where nothing is typed. */
export function tokenOf(text: string, mode: 'text' | 'ids'): string | number | null {
  if (text === '') return null;
  const [, id] = /^#(\d+)$/.exec(text.trim()) ?? (mode === 'ids' ? /^(\d+)$/.exec(text.trim()) : null) ?? [];
  return id === undefined ? text : Number(id);
}
