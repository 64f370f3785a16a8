/** What neurons write, as the index keeps it. */
import type { NormKind } from '../effects/normKind.ts';
import { RANKED } from '../effects/rank.ts';
import type { LayerEffects } from '../effects/effects.ts';
import { UNITS } from './schema.ts';
import type { Database } from './sqlite.ts';

/** In the table of facts under "effects". */
export interface EffectsMade {
  /** Null where there are none; `reason` says why. */
  readonly norm: NormKind | null;
  readonly reason: string;
  /** Why those of a layer are not known, by its number. */
  readonly layers: Readonly<Record<number, string>>;
}

export interface RankedTokens {
  readonly ids: Uint32Array;
  readonly effects: Float32Array;
}

export function writeEffects(database: Database, layer: number, { topIds, top, bottomIds, bottom }: LayerEffects): void {
  const own = database.prepare('INSERT INTO effect VALUES (?, ?)');
  const byToken = database.prepare('INSERT INTO promoted VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
  const count = topIds.length / RANKED;
  for (let neuron = 0; neuron < count; neuron++) {
    const id = layer * UNITS + neuron;
    const bytes = new Uint8Array(RANKED * 16);
    [topIds, top, bottomIds, bottom].forEach((column, at) => {
      const part = column.subarray(neuron * RANKED, (neuron + 1) * RANKED);
      bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at * RANKED * 4);
    });
    own.run(id, bytes);
    for (const [ids, effects] of [[topIds, top], [bottomIds, bottom]] as const) {
      for (let at = neuron * RANKED; at < (neuron + 1) * RANKED; at++) if (effects[at] !== 0) byToken.run(ids[at] ?? 0, id, effects[at] ?? 0);
    }
  }
}

/** The way back. */
export function decodeEffects(encoded: Uint8Array): { readonly top: RankedTokens; readonly bottom: RankedTokens } {
  const { buffer } = encoded.slice();
  const half = RANKED * 4;
  return {
    top: { ids: new Uint32Array(buffer, 0, RANKED), effects: new Float32Array(buffer, half, RANKED) },
    bottom: { ids: new Uint32Array(buffer, 2 * half, RANKED), effects: new Float32Array(buffer, 3 * half, RANKED) },
  };
}
