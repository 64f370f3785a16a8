/**
 * Paints a canvas pixel by pixel, as fine as the screen is; its size is in CSS pixels. `colour` gives the packed pixel of each place, which it is told in
 * device pixels and, across, as a share from 0 at the left end to 1 at the right one.
 */
export function paintPixels(canvas: HTMLCanvasElement, size: readonly [width: number, height: number], colour: (share: number, x: number, y: number) => number): void {
  const [width, height] = size.map((side) => Math.round(side * devicePixelRatio)) as [number, number];
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext('2d');
  const image = context?.createImageData(width, height);
  if (!context || !image) return;
  new Uint32Array(image.data.buffer).forEach((_, at, pixels) => {
    const x = at % width;
    pixels[at] = colour(x / (width - 1), x, Math.floor(at / width));
  });
  context.putImageData(image, 0, 0);
}
