/** What the editor's own menu is told about the thing under the pointer. */
export const contextOf = (webviewSection: 'head' | 'address', address: string): string =>
  JSON.stringify({ webviewSection, address, preventDefaultContextMenuItems: true });
