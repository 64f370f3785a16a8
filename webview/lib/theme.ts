/** The editor's colours as numbers, for what is drawn rather than styled, and word of their change. */
export type ThemeKind = 'dark' | 'light' | 'hc-dark' | 'hc-light';

/** 0..255, alpha 0..1. */
export interface Colour {
  readonly r: number;
  readonly g: number;
  readonly b: number;
  readonly a: number;
}

/** High contrast light carries both high-contrast classes. */
export function themeKind(): ThemeKind {
  const { classList } = document.body;
  if (classList.contains('vscode-high-contrast-light')) return 'hc-light';
  if (classList.contains('vscode-high-contrast')) return 'hc-dark';
  return classList.contains('vscode-light') ? 'light' : 'dark';
}

export const isHighContrast = (kind: ThemeKind): boolean => kind.startsWith('hc-');

let probe: CanvasRenderingContext2D | undefined;

/** Any CSS colour as numbers. A pixel is painted and read: the browser knows every notation, and no parser of ours has to. */
function parseColour(text: string): Colour {
  probe ??= document.createElement('canvas').getContext('2d', { willReadFrequently: true }) ?? undefined;
  if (!probe) return { r: 0, g: 0, b: 0, a: 0 };
  probe.clearRect(0, 0, 1, 1);
  probe.fillStyle = 'transparent'; // What an unreadable text leaves in place.
  probe.fillStyle = text;
  probe.fillRect(0, 0, 1, 1);
  const [r = 0, g = 0, b = 0, a = 0] = probe.getImageData(0, 0, 1, 1).data;
  return { r, g, b, a: a / 255 };
}

/** The text of a variable (`--vscode-charts-blue`) as the theme sets it; the first of several that it sets. Empty where it sets none. */
function themeValue(...variables: readonly string[]): string {
  const style = getComputedStyle(document.body);
  for (const variable of variables) {
    const value = style.getPropertyValue(variable).trim();
    if (value !== '') return value;
  }
  return '';
}

/** The first of these variables that the theme sets, as numbers; wholly transparent where it sets none. */
export const themeColour = (...variables: readonly string[]): Colour => parseColour(themeValue(...variables));

/** Calls when the theme has changed. VS Code rewrites the classes of the body and the variables of the root, several at a time. */
export function onThemeChange(listener: () => void): () => void {
  const observer = new MutationObserver(() => listener());
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
  return () => observer.disconnect();
}
