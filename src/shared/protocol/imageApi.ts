/** Images as a model sees them. */
import type { TokenInfo } from './engineApi.ts';

/** Patches row by row, behind `lead` positions that are none (CLS). */
export interface PatchGrid {
  /** The tower whose positions they are. */
  readonly tower: string;
  readonly lead: number;
  readonly rows: number;
  readonly cols: number;
}

/** Resized and cropped as the model's preprocessor_config.json says, before it is scaled and normalised. */
export interface PreparedImage {
  readonly width: number;
  readonly height: number;
  /** [height, width, 4]: red, green, blue and 255. */
  readonly rgba: Uint8Array;
  /** Null where the positions of the model's stream are not its patches row by row. */
  readonly grid: PatchGrid | null;
  /** Of each tower whose positions are known before a run, by its name: "CLS", and each patch as "row,column" from 0. */
  readonly towers: Readonly<Record<string, readonly TokenInfo[]>>;
}

export interface ImageApi {
  /** Throws as a run on the image would: 'unreadable', 'usage' where nothing says how it is prepared, 'refused' where its size does not fit. */
  prepareImage(params: { readonly path: string }): Promise<PreparedImage>;
}
