/** The exporter's record of the Python lines that made a model, for a person at a terminal. */
import type { LayerSummary, ModelSummary, SourceLine } from '../../shared/summary.ts';
import { count } from '../../shared/format.ts';
import { ranges } from './figures.ts';
import { clip, WIDTH, wrap } from './layout.ts';

/** Lines of a layer that are listed beside those of attention and MLP: the ones that made most nodes. */
const OTHERS = 12;

export function sourceSection({ sourceLines, towers }: ModelSummary): readonly string[] {
  const { nodes, withSource, files } = sourceLines;
  if (withSource === 0) return ['Source lines: the file has no record of them'];
  const names = files.map(baseName);
  const shown = names.length > 4 ? `${names.slice(0, 4).join(', ')} and ${names.length - 4} more files` : names.join(', ');
  return [
    ...wrap(`Source lines: ${count(withSource)} of ${count(nodes)} nodes name the line that made them, in ${shown}`, 0, 2),
    ...towers.flatMap((tower) => sameSource(tower.blocks).flatMap((group) => layerLines(tower.name, group))),
  ];
}

function sameSource(blocks: readonly LayerSummary[]): readonly (readonly LayerSummary[])[] {
  const key = (block: LayerSummary): string => [block.attentionSource, block.mlpSource, ...block.source].map((line) => line && place(line)).join('|');
  return [...new Set(blocks.map(key))].map((one) => blocks.filter((block) => key(block) === one));
}

function layerLines(tower: string, blocks: readonly LayerSummary[]): readonly string[] {
  const [block] = blocks;
  if (!block) return [];
  const named = [block.attentionSource, block.mlpSource].filter((line) => line !== null).map(place);
  const others = block.source.filter((line) => !named.includes(place(line)));
  const listed = others.slice(0, OTHERS).sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line).map(place);
  const more = others.length > OTHERS ? ` and ${others.length - OTHERS} more` : '';
  const numbers = blocks.map((one) => one.index);
  return [
    `  ${tower === '' ? '' : `${tower}, `}${numbers.length === 1 ? 'layer' : 'layers'} ${ranges(numbers)}`,
    ...line('attention', block.attentionSource), ...line('MLP', block.mlpSource),
    ...(others.length > 0 ? wrap(`    ${'also'.padEnd(9)}  ${joined(listed)}${more}`, 0, 15) : []),
  ];
}

const line = (what: string, source: SourceLine | null): readonly string[] =>
  (source ? [clip(`    ${what.padEnd(9)}  ${place(source)}  ${source.code.trim()}`, WIDTH)] : []);

/** model.py:40, 41, 43: the file once. */
function joined(places: readonly string[]): string {
  let before = '';
  return places.map((one) => {
    const at = one.lastIndexOf(':');
    const isSame = one.slice(0, at) === before;
    before = one.slice(0, at);
    return isSame ? one.slice(at + 1) : one;
  }).join(', ');
}

const place = (source: SourceLine): string => `${baseName(source.file)}:${source.line}`;
const baseName = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;
