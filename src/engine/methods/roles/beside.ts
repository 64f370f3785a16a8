/** What is lost without each head once others are silent already: who steps in for them. */
import type { Ablation } from '../../../shared/experiment/experiment.ts';
import type { ModelSession } from '../../session.ts';
import { sweepPlaces } from '../experiment/cells.ts';
import { prepare } from '../experiment/experiment.ts';
import { meansOf } from '../experiment/means.ts';
import { placeAt } from '../experiment/sites.ts';
import { sweepGrids } from '../experiment/sweep.ts';
import { runVariants } from '../experiment/variants.ts';
import type { SlabEdit, Variant } from '../experiment/variants.ts';
import { ownPatterns, patternOf } from '../patterns.ts';
import { Looks } from './looks.ts';
import type { Look } from './looks.ts';
import { LossTable } from './losses.ts';
import type { Losses, LossWatch } from './losses.ts';

export interface BesideRequest<Name extends string> {
  /** Mean ablation by head. */
  readonly experiment: Ablation;
  /** Heads that are replaced by their means in every run. */
  readonly silenced: readonly string[];
  /** What is looked at in each pair's clean prompt, with the silenced heads silent. */
  readonly looks: readonly Look<Name>[];
}

export interface Beside<Name extends string> extends Pick<Losses, 'heads' | 'passes'> {
  readonly attention: Looks<Name>;
}

export async function lossesBeside<Name extends string>(session: ModelSession, { experiment, silenced, looks }: BesideRequest<Name>, watch: LossWatch, signal: AbortSignal): Promise<Beside<Name>> {
  const patterns = ownPatterns(session);
  const { context } = await prepare(session, experiment, watch.step, signal, patterns.map(({ place }) => place.value));
  const { program, pairs, cuts, runs } = context;
  const grids = await sweepGrids(context, sweepPlaces(session, experiment), 'head');
  const mean = await meansOf(context);
  const cells = grids.flatMap((grid) => grid.cells.flatMap((cell, index) => {
    const address = grid.addresses[index] ?? '';
    return cell && !silenced.includes(address) ? [{ address, ...cell }] : [];
  }));
  const always = silenced.map((address) => placeAt(session, address));
  const attention = new Looks<Name>();
  const before: Float32Array[] = [];
  const table = new LossTable(pairs, before, cells.length, watch);
  let passes = 2 * pairs.length;
  for (const [pair, { clean, position }] of pairs.entries()) {
    const base = await runs.of(clean, position);
    const look = looks[pair];
    const fixed = always.map(({ place, at }): SlabEdit => ({ entry: place.entry, at, by: mean(place, pair) }));
    const request = { base, position, cuts, signal };
    await runVariants(program, { ...request, variants: [{ cell: 0, edits: fixed }], taps: patterns.map(({ place }) => place.value), onBatch: ([result]) => {
      before.push(result?.logits[0] ?? new Float32Array());
      for (const entry of patterns) {
        // Layers before the first silenced head are as they were.
        const tensor = result?.taps.get(entry.place.value) ?? base.kept.get(entry.place.value);
        const pattern = tensor && patternOf(session, entry, tensor, clean);
        if (pattern && look) attention.add(entry, pattern, look.at);
      }
    } });
    const variants = cells.map(({ place, at }, cell): Variant => ({ cell, edits: [...fixed, { entry: place.entry, at, by: mean(place, pair) }] }));
    await runVariants(program, { ...request, variants, onBatch: (results) => {
      passes += results.length;
      table.add(pair, results);
    } });
    passes++;
  }
  return { attention, passes, heads: cells.map(({ address }, cell) => ({ address, ...table.of(cell) })) };
}
