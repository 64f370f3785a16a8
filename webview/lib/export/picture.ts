/** A drawing as it is sent to somebody: the vectors, pixels, or a page that needs nothing but itself. */
import { xmlText } from './svg.ts';

export const pictureFormats = ['svg', 'png', 'html'] as const;
export type PictureFormat = (typeof pictureFormats)[number];

/** As the buttons say it. */
export const pictureWords: Readonly<Record<PictureFormat, string>> = { svg: 'SVG', png: 'a PNG picture', html: 'a web page that needs nothing else' };

/** Pixels of a picture for each of the drawing's: sharp on any screen. */
const SHARPNESS = 2;

/** What is saved: text, or for a PNG its bytes in base64. */
export async function pictureOf(svg: string, title: string, format: PictureFormat): Promise<string> {
  switch (format) {
    case 'svg': return svg;
    case 'html': return pageOf(svg, title);
    case 'png': return pixelsOf(svg);
    default: return format satisfies never;
  }
}

/** No script, and nothing from anywhere else: the policy forbids both. */
const pageOf = (svg: string, title: string): string => `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${xmlText(title)}</title>
<style>body { margin: 0; padding: 16px; } svg { max-width: 100%; height: auto; }</style>
</head>
<body>
${svg}</body>
</html>
`;

async function pixelsOf(svg: string): Promise<string> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.naturalWidth * SHARPNESS, image.naturalHeight * SHARPNESS];
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/png').split(',')[1] ?? '';
}
