/** Our own icons: 16 by 16, drawn by line in the colour of the text around them. They say nothing to a screen reader: the control that holds one does. */
const paths = {
  attention: 'M2 2h2v2h-2zM2 7h2v2h-2zM2 12h2v2h-2zM7 7h2v2h-2zM7 12h2v2h-2zM12 12h2v2h-2z',
  compare: 'M2 2.5h5v11h-5zM9 2.5h5v11h-5zM4.5 5.5v5M10.25 8h2.5',
  average: 'M5.5 2h8.5v8.5h-8.5zM3.5 5v7.5h7.5M1.5 8v6.5h6.5',
  check: 'M2.5 8.5l3.5 3.5 7.5-8',
  pass: 'M8 1.75a6.25 6.25 0 1 0 0 12.5a6.25 6.25 0 1 0 0-12.5zM5 8.25l2.25 2.25L11 6',
  fail: 'M8 1.75a6.25 6.25 0 1 0 0 12.5a6.25 6.25 0 1 0 0-12.5zM5.5 5.5l5 5M10.5 5.5l-5 5',
  unknown: 'M8 1.75a6.25 6.25 0 1 0 0 12.5a6.25 6.25 0 1 0 0-12.5zM5 8h6',
  info: 'M8 1.75a6.25 6.25 0 1 0 0 12.5a6.25 6.25 0 1 0 0-12.5zM8 7.25v4M8 4.75v.5',
  warning: 'M8 2L14.5 13.5h-13zM8 6.5v3.5M8 11.5v.5',
  error: 'M8 1.75a6.25 6.25 0 1 0 0 12.5a6.25 6.25 0 1 0 0-12.5zM8 4.5v4.5M8 11v.5',
  reload: 'M13.5 8a5.5 5.5 0 1 1-1.75-4M13.5 1.5v3h-3',
  stop: 'M4 4h8v8h-8z',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  run: 'M4.5 2.5v11l8.5-5.5z',
  copy: 'M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1',
  save: 'M8 2v8M4.5 6.75L8 10.25l3.5-3.5M2.5 13.5h11',
  source: 'M6 4.5L2.5 8 6 11.5M10 4.5l3.5 3.5L10 11.5',
  table: 'M2 3h12v10h-12zM2 6.25h12M2 9.5h12M6.25 3v10',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9zM10.25 10.25l3.5 3.5',
  add: 'M8 3v10M3 8h10',
  remove: 'M3 8h10',
  back: 'M13 8H3M7 4L3 8l4 4',
  previous: 'M10 3.5L5.5 8 10 12.5',
  expand: 'M6 3.5L10.5 8 6 12.5',
  settings: 'M2 4.5h7M12 4.5h2M9 2.75v3.5h3v-3.5zM2 11.5h2M7 11.5h7M4 9.75v3.5h3v-3.5z',
  keys: 'M1.75 4h12.5v8.5H1.75zM4 6.5h.01M6.7 6.5h.01M9.3 6.5h.01M12 6.5h.01M5 10h6',
} as const satisfies Readonly<Record<string, string>>;

export type IconName = keyof typeof paths;

const SVG = 'http://www.w3.org/2000/svg';

export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  for (const [key, value] of Object.entries({ class: `icon icon-${name}`, width: '16', height: '16', viewBox: '0 0 16 16', fill: 'none', 'aria-hidden': 'true' })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(SVG, 'path');
  for (const [key, value] of Object.entries({ d: paths[name], stroke: 'currentColor', 'stroke-width': '1.2', 'stroke-linecap': 'round', 'stroke-linejoin': 'round' })) {
    path.setAttribute(key, value);
  }
  svg.append(path);
  return svg;
}
