/** Steering: a direction added to the stream at every position (Turner et al. 2023, "Activation Addition"). */
import { basename } from 'node:path';
import { CogscopeError } from '../../../shared/errors.ts';
import type { Steering } from '../../../shared/experiment/experiment.ts';
import { stretches } from '../../analysis/slab.ts';
import type { Selection } from '../../analysis/slab.ts';
import type { AddressEntry } from '../../anatomy/addresses.ts';
import type { Base } from './base.ts';
import type { Kind } from './context.ts';
import { directionOf } from './direction.ts';
import { placeAt } from './sites.ts';
import { tell } from './sweep.ts';
import { runVariants } from './variants.ts';

export const steering: Kind<Steering> = {
  edited: (session, { address }) => [placeAt(session, address).place.entry],
  layOut: async (context, experiment, clean) => {
    const { program, pairs, cuts, taps, signal } = context;
    const { place, at } = placeAt(context.session, experiment.address);
    const { vector: direction, notes } = await directionOf(context, experiment, { place, at });
    const addresses = experiment.scales.map((scale) => `${experiment.address} × ${scale}`);
    return {
      grids: [{ site: place.site, rows: { name: 'all', labels: [experiment.address] }, columns: { name: 'scale', labels: experiment.scales.map(String) }, first: 0 }],
      addresses,
      notes,
      clean,
      corrupted: null,
      run: async (sink) => {
        if (typeof experiment.direction !== 'string') sink.ran(pairs.length);
        for (const [pair, { clean: tokens, position }] of pairs.entries()) {
          const scales = [...experiment.scales.entries()].filter(([cell]) => sink.wants(pair, cell));
          if (scales.length === 0) continue;
          const base = await context.runs.of(tokens, position);
          checkWidth(base, place.entry, at, direction, experiment);
          sink.ran(1);
          sink.onBase(base);
          const variants = scales.map(([cell, scale]) => ({ cell, edits: [{ entry: place.entry, at, by: { kind: 'add' as const, direction, scale } }] }));
          await runVariants(program, { base, variants, position, cuts, signal, taps, onBatch: (results) => tell(sink, pair, results) });
        }
      },
    };
  },
};

function checkWidth({ kept, tokens }: Base, entry: AddressEntry, at: Selection, direction: Float32Array, experiment: Steering): void {
  const tensor = kept.get(entry.place.value);
  const width = tensor ? stretches(tensor, entry.place, { batch: 1, pos: tokens.get(entry.tower.name)?.length ?? null }, 0, { ...at, position: 0 }).reduce((sum, { length }) => sum + length, 0) : 0;
  if (width !== direction.length) throw new CogscopeError('usage', `The direction has ${direction.length} numbers, and ${experiment.address} is ${width} wide`, 'Give a direction of the site’s width', typeof experiment.direction === 'string' ? basename(experiment.direction) : '');
}
