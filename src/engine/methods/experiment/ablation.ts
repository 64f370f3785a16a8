/** Ablation: what the clean run loses when a site says nothing, what it says on average, or what it says elsewhere. */
import { CogscopeError } from '../../../shared/errors.ts';
import type { Ablation } from '../../../shared/experiment/experiment.ts';
import { sweepPlaces } from './cells.ts';
import type { Context, Kind } from './context.ts';
import { meansOf } from './means.ts';
import { cleanOf } from './patching.ts';
import { derangement } from '../../../shared/experiment/random.ts';
import { placeAt } from './sites.ts';
import type { SitePlace } from './sites.ts';
import { fromRun, runSweep, sweepGrids, tell } from './sweep.ts';
import { runVariants } from './variants.ts';
import type { Replacement } from './variants.ts';

type Replacing = (pair: number) => Promise<(place: SitePlace) => Replacement>;

export const ablation: Kind<Ablation> = {
  edited: (session, experiment) => [...sweepPlaces(session, experiment).flat(), ...experiment.together.map((text) => placeAt(session, text).place)].map(({ entry }) => entry),
  layOut: async (context, experiment, clean) => {
    const grids = await sweepGrids(context, sweepPlaces(context.session, experiment), experiment.by);
    const count = grids.reduce((sum, { cells }) => sum + cells.length, 0);
    const replacement = replacing[experiment.ablate](context, experiment);
    const { together } = experiment;
    const set = { site: together.join(' + '), rows: { name: 'all', labels: ['together'] }, columns: { name: 'all', labels: ['all'] }, first: count } as const;
    return {
      grids: [...grids.map(({ grid }) => grid), ...(together.length > 0 ? [set] : [])],
      addresses: [...grids.flatMap(({ addresses }) => addresses), ...(together.length > 0 ? [set.site] : [])],
      notes: [],
      clean,
      corrupted: null,
      run: async (sink) => {
        await runSweep(context, { grids, edited: cleanOf(context), replacement }, sink);
        if (together.length > 0) await ablateTogether(context, together, count, replacement, sink);
      },
    };
  },
};

async function ablateTogether(context: Context, together: readonly string[], cell: number, replacement: Replacing, sink: Parameters<typeof tell>[0]): Promise<void> {
  const { session, program, pairs, cuts, taps, signal } = context;
  const chosen = together.map((text) => placeAt(session, text));
  for (const [pair, { clean, position }] of pairs.entries()) {
    if (!sink.wants(pair, cell)) continue;
    const base = await context.runs.of(clean, position);
    sink.ran(1);
    sink.onBase(base);
    const by = await replacement(pair);
    const variants = [{ cell, edits: chosen.map(({ place, at }) => ({ entry: place.entry, at, by: by(place) })) }];
    await runVariants(program, { base, variants, position, cuts, signal, taps, onBatch: (results) => tell(sink, pair, results) });
  }
}

const replacing: Readonly<Record<Ablation['ablate'], (context: Context, experiment: Ablation) => Replacing>> = {
  zero: () => () => Promise.resolve(() => ({ kind: 'zero' })),
  mean: (context) => {
    // Over all pairs, so once for the experiment.
    let means: Promise<(place: SitePlace, pair: number) => Replacement> | undefined;
    return async (pair) => {
      means ??= meansOf(context);
      const of = await means;
      return (place) => of(place, pair);
    };
  },
  resample: (context, { seed }) => {
    const { pairs } = context;
    const lengths = new Set(pairs.map(({ clean }) => [...clean.values()].map((tokens) => tokens.length).join()));
    if (pairs.length < 2) throw new CogscopeError('usage', 'Resampling takes activations from another prompt, and there is one only', 'Give more prompts, or ablate by zero or mean');
    if (lengths.size > 1) throw new CogscopeError('usage', 'Resampling takes activations from another prompt, position by position, and the prompts differ in length', 'Give prompts of one length, or ablate by zero or mean');
    const other = derangement(pairs.length, seed);
    return async (pair) => {
      const from = pairs[other[pair] ?? 0];
      return fromRun(await context.runs.of(from?.clean ?? new Map<string, never>(), from?.position ?? 0));
    };
  },
};
