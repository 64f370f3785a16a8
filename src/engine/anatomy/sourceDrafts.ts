/** Lines of the exporter's record while what each made is put together. */
import type { SourceLine } from '../../shared/summary.ts';
import type { CalledPart, MadeLine, MadeTensor } from '../../shared/sourceMap.ts';

type Grown<T extends { readonly layers: readonly number[] }> = Omit<T, 'layers'> & { readonly layers: Set<number> };

interface Draft {
  readonly line: SourceLine;
  nodes: number;
  readonly made: Map<string, Grown<MadeTensor>>;
  readonly calls: Map<string, Grown<CalledPart>>;
}

export const keyOf = ({ file, line }: SourceLine): string => `${file}:${line}`;

/** The same in several layers becomes one entry with all their numbers; `layer` is null for what belongs to none. */
export class SourceDrafts {
  private readonly drafts = new Map<string, Draft>();

  count(line: SourceLine): void {
    this.of(line).nodes++;
  }

  made(line: SourceLine, layer: number | null, tensor: Omit<MadeTensor, 'layers'>): void {
    grow(this.of(line).made, [tensor.tower, tensor.hook, layer === null, ...tensor.shape].join(' '), layer, tensor);
  }

  calls(line: SourceLine, layer: number, call: Omit<CalledPart, 'layers'>): void {
    grow(this.of(line).calls, `${call.tower} ${call.part}`, layer, call);
  }

  hasMade(line: SourceLine): boolean {
    return this.of(line).made.size > 0;
  }

  get lines(): readonly MadeLine[] {
    const lines = [...this.drafts.values()].map(({ line, nodes, made, calls }): MadeLine => ({ ...line, nodes, made: ascending(made), calls: ascending(calls) }));
    return lines.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
  }

  private of(line: SourceLine): Draft {
    const key = keyOf(line);
    const draft = this.drafts.get(key) ?? { line, nodes: 0, made: new Map(), calls: new Map() };
    this.drafts.set(key, draft);
    return draft;
  }
}

function grow<T extends object>(entries: Map<string, T & { readonly layers: Set<number> }>, key: string, layer: number | null, what: T): void {
  const entry = entries.get(key) ?? { ...what, layers: new Set() };
  if (layer !== null) entry.layers.add(layer);
  entries.set(key, entry);
}

const ascending = <T extends object>(entries: ReadonlyMap<string, T & { readonly layers: ReadonlySet<number> }>): readonly (T & { readonly layers: readonly number[] })[] =>
  [...entries.values()].map((entry) => ({ ...entry, layers: [...entry.layers].sort((a, b) => a - b) }));
