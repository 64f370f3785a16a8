/** What the editor's own menu is told about the thing under the pointer. */
export const contextOf = (webviewSection: 'head' | 'address' | 'lens', address: string, part?: 'writes'): string =>
  JSON.stringify({ webviewSection, address, part, preventDefaultContextMenuItems: true });
