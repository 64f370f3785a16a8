/** The exporter's record of a model, line by line: which layers and activations each line of Python made. */
import type { Axis, SourceLine } from './summary.ts';

/** What a line made in one or several layers: an activation that has an address, or another tensor. */
export interface MadeTensor {
  /** Address prefix without the dot: "", "enc" … */
  readonly tower: string;
  /** Ascending; empty for what belongs to no layer, such as the embedding. */
  readonly layers: readonly number[];
  /** What stands behind `blocks.N.` in its address, or behind the tower's prefix: "attn.hook_pattern"; null where it has no address. */
  readonly hook: string | null;
  /** Lengths, with a name where the length is the prompt's; in TransformerLens's order where there is an address, else in the file's. */
  readonly shape: readonly Axis[];
}

export type LayerPart = 'block' | 'attention' | 'cross' | 'mlp';

/** What a line calls: all of a layer, or of one part of it, was made below it. */
export interface CalledPart {
  readonly tower: string;
  readonly layers: readonly number[];
  readonly part: LayerPart;
}

/** A line of the record, with all that it made. */
export interface MadeLine extends SourceLine {
  /** How many of the model's nodes it made. */
  readonly nodes: number;
  readonly made: readonly MadeTensor[];
  readonly calls: readonly CalledPart[];
}

/** A module of the Python model that was a layer or a part of it, by the names that an exporter gave nodes. */
export interface NamedModule extends CalledPart {
  /** "transformer.h.*.attn", with a star for the layer's number. */
  readonly path: string;
}

export interface SourceMap {
  /** By file and line. */
  readonly lines: readonly MadeLine[];
  /** All that is known where there are no lines. */
  readonly modules: readonly NamedModule[];
}
