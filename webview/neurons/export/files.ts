/** What the index has of a neuron as files: all of it as JSON, examples, histogram and similar neurons as a drawing. */
import type { NeuronFigures } from '../../../src/shared/neurons/figures.ts';
import type { SimilarList, SimilarNeurons } from '../../../src/shared/neurons/similar.ts';
import { fixed, significant, percent } from '../../../src/shared/format.ts';
import { plainToken } from '../../../src/shared/visible.ts';
import { cssColour } from '../../lib/color/oklab.ts';
import type { Ink } from '../../lib/color/ink.ts';
import { drawingFrame, xmlText } from '../../lib/export/svg.ts';
import { groupsOf } from '../model/groups.ts';
import { exampleKey } from '../model/state.ts';
import { scaleOf, shareOf } from '../model/scale.ts';
import { bins } from '../views/histogram.ts';

/** As "neurons show" has it: with the similar neurons where they are there. */
export const figuresJson = (figures: NeuronFigures, similar: SimilarNeurons | undefined): string =>
  `${JSON.stringify({ ...figures, ...(similar ? { similar: { weights: similar.weights, examples: similar.examples } } : {}) }, null, 2)}\n`;

/** CSS pixels. */
const [MARGIN, LINE, CHARACTER, VALUE] = [8, 18, 6.7, 56];
const [BAR, HEIGHT] = [12, 60];

export interface DrawnNeuron {
  readonly figures: NeuronFigures;
  readonly shades: ReadonlyMap<string, readonly number[]>;
  readonly similar: SimilarNeurons | undefined;
  readonly ink: Ink;
  /** The model's name. */
  readonly title: string;
}

export function neuronSvg({ figures, shades, similar, ink, title }: DrawnNeuron): string {
  const { address, max, histogram, firingRate, tokens } = figures;
  const limit = scaleOf(figures);
  const accent = cssColour(ink.palette.theme.accent);
  const bars = bins(histogram).map(({ share }, at) => `<rect x="${MARGIN + at * BAR}" y="${(40 + HEIGHT * (1 - share)).toFixed(1)}" width="${BAR - 1}" height="${(HEIGHT * share).toFixed(1)}" fill="${accent}"/>`);
  let y = 40 + HEIGHT + 36;
  let widest = 320;
  const texts: string[] = [];
  for (const group of groupsOf(figures.examples)) {
    texts.push(`<text x="${MARGIN}" y="${y}" font-weight="bold">${xmlText(group.title)}</text>`);
    y += LINE;
    for (const example of group.examples) {
      const values = shades.get(exampleKey(example));
      texts.push(`<text x="${MARGIN + VALUE - 8}" y="${y}" text-anchor="end">${xmlText(significant(example.activation))}</text>`);
      let x = MARGIN + VALUE;
      example.context.tokens.forEach((token, at) => {
        const text = plainToken(token);
        const value = values?.[at] ?? (at === example.context.at ? example.activation : 0);
        const width = [...text].length * CHARACTER;
        const share = shareOf(value, limit);
        if (share !== 0) texts.push(`<rect x="${x.toFixed(1)}" y="${y - 12}" width="${width.toFixed(1)}" height="16" fill="${cssColour(ink.tint(share))}"/>`);
        texts.push(`<text x="${x.toFixed(1)}" y="${y}">${xmlText(text)}</text>`);
        x += width;
      });
      widest = Math.max(widest, x);
      y += LINE;
    }
    y += 8;
  }
  for (const [name, lines] of similarLines(similar)) {
    texts.push(`<text x="${MARGIN}" y="${y}" font-weight="bold">${xmlText(name)}</text>`, ...lines.map((line, at) => `<text x="${MARGIN}" y="${y + (at + 1) * LINE}">${xmlText(line)}</text>`));
    widest = Math.max(widest, ...lines.map((line) => MARGIN + [...line].length * CHARACTER));
    y += (lines.length + 1) * LINE + 8;
  }
  const note = `${title}, ${address}: fires on ${percent(firingRate)} of ${tokens} tokens, maximum ${significant(max)}`;
  return drawingFrame({ title: `${title} ${address}`, note, palette: ink.palette }, Math.ceil(widest + MARGIN), y + 24, [
    `<text x="${MARGIN}" y="20" font-weight="bold">${xmlText(address)}</text>`, ...legend(limit, ink), ...bars,
    `<text x="${MARGIN}" y="${40 + HEIGHT + 14}">${xmlText(significant(histogram.low))}</text>`,
    `<text x="${MARGIN + BAR * histogram.counts.length}" y="${40 + HEIGHT + 14}" text-anchor="end">${xmlText(significant(histogram.high))}</text>`, ...texts,
  ]);
}

/** Swatches of the ramp, and where it begins. */
const [SWATCHES, SWATCH, RAMP] = [17, 6, 170];

/** Tints from the strongest below 0 to the strongest above. */
function legend(limit: number, ink: Ink): readonly string[] {
  const end = RAMP + SWATCHES * SWATCH;
  return [
    `<text x="${RAMP - 6}" y="20" text-anchor="end">${xmlText(significant(-limit))}</text>`,
    ...Array.from({ length: SWATCHES }, (_, at) => `<rect x="${RAMP + at * SWATCH}" y="10" width="${SWATCH}" height="12" fill="${cssColour(ink.tint((2 * at) / (SWATCHES - 1) - 1))}"/>`),
    `<text x="${end + 6}" y="20">${xmlText(significant(limit))}</text>`,
  ];
}

const similarLines = (similar: SimilarNeurons | undefined): readonly (readonly [name: string, lines: readonly string[]])[] => (similar ? [
  ['Write alike (cosine of output weights)', listed(similar.weights, (value) => fixed(value, 3))], ['Fire alike (share of the places of strongest examples)', listed(similar.examples, percent)],
] : []);

const listed = (list: SimilarList, figure: (value: number) => string): readonly string[] =>
  (list.kind === 'none' ? [list.reason] : list.neurons.map(({ address, similarity, labels }) => `${address} ${figure(similarity)}${labels[0] === undefined ? '' : ` ${labels[0]}`}`));
