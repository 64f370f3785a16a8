/**
 * Path patching (Wang et al. 2022, "Interpretability in the Wild", section 3.1): what a sender writes reaches the receivers alone.
 *
 * First the sender's activation comes from the other prompt's run while every attention and MLP behind it is frozen to the run that is edited, and what
 * the receivers' inputs become is kept; then these are put into the untouched run. Where the logits receive as well, the change that the first run makes to the last
 * state is added to the second run's, so that both edges carry the sender's writing, each once. Wang et al. let MLPs on the way recompute; here they do so
 * where the experiment says so, and are frozen else, so that a path is one through the residual stream alone.
 */
import { prefixOf } from '../../../shared/addresses.ts';
import { CogscopeError } from '../../../shared/errors.ts';
import type { PathPatching } from '../../../shared/experiment/experiment.ts';
import type { Axis } from '../../../shared/experiment/result.ts';
import type { Selection } from '../../analysis/slab.ts';
import type { AddressEntry } from '../../anatomy/addresses.ts';
import { toFloat32 } from '../../ort/tensor.ts';
import type { Tensor } from '../../ort/tensor.ts';
import { predictingTower } from '../../program/chain.ts';
import type { ModelSession } from '../../session.ts';
import type { Base } from './base.ts';
import type { CellResult, Context, Kind, Sink } from './context.ts';
import { corruptedMetrics } from './metricsOf.ts';
import { cleanOf, corruptedOf } from './patching.ts';
import { placeAt, sitePlaces } from './sites.ts';
import type { SitePlace } from './sites.ts';
import { fromRun, sweepGrids, tell } from './sweep.ts';
import { runVariants } from './variants.ts';
import type { SlabEdit, Variant } from './variants.ts';

interface End {
  readonly place: SitePlace;
  readonly at: Selection;
}

export const pathPatching: Kind<PathPatching> = {
  edited: (session, experiment) => {
    const receivers = receiversOf(session, experiment);
    const direct = reachesBoth(experiment) ? [lastState(session)] : [];
    return [...frozenEntries(session, experiment), ...senderEntries(session, experiment), ...receivers.map(({ place }) => place.entry), ...direct];
  },
  layOut: async (context, experiment, clean) => {
    const { session } = context;
    const all = experiment.senders.length === 0 ? await sweepGrids(context, [headPlaces(session)], 'head') : [];
    const senders = experiment.senders.map((text) => placeAt(session, text));
    const cells: readonly (End | undefined)[] = all[0]?.cells ?? senders;
    const rows: Axis = { name: 'sender', labels: experiment.senders };
    const site = `to ${experiment.receivers.join(', ')}`;
    return {
      grids: all[0] ? [{ ...all[0].grid, site }] : [{ site, rows, columns: { name: 'all', labels: ['all'] }, first: 0 }],
      addresses: all[0]?.addresses ?? experiment.senders,
      notes: [experiment.mlps === 'recomputed' ? 'Attention between a sender and the receivers is frozen, and MLPs are computed again' : 'Everything between a sender and the receivers is frozen: attention and MLPs alike'],
      clean,
      corrupted: await corruptedMetrics(context),
      run: (sink) => walkPaths(context, experiment, cells, sink),
    };
  },
};

async function walkPaths(context: Context, experiment: PathPatching, cells: readonly (End | undefined)[], sink: Sink): Promise<void> {
  const { session, program, pairs, cuts, taps, signal } = context;
  const receivers = receiversOf(session, experiment);
  const frozen = frozenEntries(session, experiment);
  const last = reachesBoth(experiment) ? lastState(session) : undefined;
  const [of, from] = experiment.direction === 'denoise' ? [corruptedOf(context), cleanOf(context)] : [cleanOf(context), corruptedOf(context)];
  for (const [pair, { position }] of pairs.entries()) {
    const wanted = cells.flatMap((end, cell) => (end && sink.wants(pair, cell) ? [{ end, cell }] : []));
    if (wanted.length === 0) continue;
    const base = await context.runs.of(of(pair), position);
    const source = fromRun(await context.runs.of(from(pair), position));
    sink.ran(2);
    sink.onBase(base);
    const variants = wanted.map(({ end, cell }): Variant => ({ cell, edits: [{ entry: end.place.entry, at: end.at, by: source(end.place) }, ...frozenBehind(end.place, frozen, base)] }));
    const first: CellResult[] = [];
    await runVariants(program, {
      base, variants, position, cuts, signal, logits: receivers.length === 0,
      taps: [...receivers.map(({ place }) => place.entry), ...(last ? [last] : [])].map(({ place }) => place.value).concat(receivers.length === 0 ? taps : []),
      onBatch: (results) => {
        sink.ran(results.length);
        if (receivers.length === 0) sink.add(pair, results);
        else first.push(...results);
      },
    });
    if (receivers.length > 0) await intoReceivers(context, { base, pair, position, receivers, last }, first, sink);
  }
}

interface Second {
  readonly base: Base;
  readonly pair: number;
  readonly position: number;
  readonly receivers: readonly End[];
  /** The state that the logits are made of, where they receive as well. */
  readonly last: AddressEntry | undefined;
}

/** The second run: receivers read what the first run gave them, and all else is untouched. What reaches the logits directly is added to what the receivers make of theirs. */
async function intoReceivers({ program, cuts, taps, signal }: Context, { base, pair, position, receivers, last }: Second, first: readonly CellResult[], sink: Sink): Promise<void> {
  const variants = first.map(({ cell, taps: made, changed }): Variant => ({
    cell,
    edits: changed ? [
      ...receivers.flatMap(({ place, at }): readonly SlabEdit[] => {
        // A receiver before the sender is not reached.
        const tensor = made.get(place.entry.place.value);
        return tensor ? [{ entry: place.entry, at, by: { kind: 'tensor', tensor, rows: base.rows } }] : [];
      }),
      ...(last ? [{ entry: last, at: {}, by: { kind: 'sum' as const, tensor: difference(made.get(last.place.value), base.kept.get(last.place.value)), rows: base.rows } }] : []),
    ] : [],
  }));
  const reached = variants.filter(({ edits }) => edits.length > 0);
  tell(sink, pair, variants.filter(({ edits }) => edits.length === 0).map(({ cell }) => ({ cell, logits: base.logits, changed: false, taps: base.kept })));
  await runVariants(program, { base, variants: reached, position, cuts, signal, taps, onBatch: (results) => tell(sink, pair, results) });
}

/** What a sender's layer and later ones add, held to the run that is edited; the sender's own sublayer is not. */
function frozenBehind(sender: SitePlace, frozen: readonly AddressEntry[], base: Base): readonly SlabEdit[] {
  const isOfHead = sender.site !== 'mlp_out' && sender.site !== 'mlp_post';
  const behind = frozen.filter(({ address, layer }) => {
    const isAttention = address.endsWith('attn_out');
    if (layer === null || layer < sender.layer) return false;
    if (layer > sender.layer) return true;
    return isOfHead && !isAttention;
  });
  return behind.flatMap((entry): readonly SlabEdit[] => {
    const tensor = base.kept.get(entry.place.value);
    return tensor ? [{ entry, at: {}, by: { kind: 'tensor', tensor, rows: base.rows } }] : [];
  });
}

const predictingPrefix = (session: ModelSession): string => prefixOf(predictingTower(session.anatomy)?.name ?? '');

/** What every sublayer of the predicting tower adds to the stream, but for those that are computed again. */
function frozenEntries(session: ModelSession, { mlps }: PathPatching): readonly AddressEntry[] {
  const prefix = predictingPrefix(session);
  const parts = mlps === 'recomputed' ? /hook_(attn|cross_attn)_out$/ : /hook_(attn|cross_attn|mlp)_out$/;
  return session.addresses.filter(({ address }) => address.startsWith(`${prefix}blocks.`) && parts.test(address));
}

function headPlaces(session: ModelSession): readonly SitePlace[] {
  const tower = predictingTower(session.anatomy);
  return tower ? sitePlaces(session, tower, 'z', 'head', undefined) : [];
}

function senderEntries(session: ModelSession, { senders }: PathPatching): readonly AddressEntry[] {
  return (senders.length === 0 ? headPlaces(session) : senders.map((text) => placeAt(session, text).place)).map(({ entry }) => entry);
}

const reachesBoth = ({ receivers }: PathPatching): boolean => receivers.includes('logits') && receivers.length > 1;

/** Behind the last block. Throws where it is no sum of what was written before, so that nothing could be added to it. */
function lastState(session: ModelSession): AddressEntry {
  const tower = predictingTower(session.anatomy);
  const entry = session.entry(`${predictingPrefix(session)}blocks.${(tower?.blocks.length ?? 0) - 1}.hook_resid_post`);
  if (!entry || tower?.norm === 'post') {
    throw new CogscopeError('refused', 'In this model the logits are not made of a plain sum of what sublayers write, so they cannot receive beside heads', 'Make an experiment to the heads and one to the logits');
  }
  return entry;
}

function difference(made: Tensor | undefined, own: Tensor | undefined): Tensor {
  if (!made || !own) throw new CogscopeError('internal', 'The last state was not kept');
  const before = toFloat32(own);
  return { ...made, type: 'float32', data: toFloat32(made).map((value, index) => value - (before[index] ?? 0)) };
}

/** Those inside blocks; `logits` is reached by every path that nothing else catches. */
function receiversOf(session: ModelSession, { receivers }: PathPatching): readonly End[] {
  const inside = receivers.filter((text) => text !== 'logits');
  if (receivers.length === 0) throw new CogscopeError('usage', 'The experiment names no receivers', 'Name heads’ inputs (L5H1.q, L5H1.k, L5H1.v) or logits');
  const wrong = inside.find((text) => !/\.(q|k|v)(@-?\d+)?$/.test(text));
  if (wrong !== undefined) throw new CogscopeError('usage', `"${wrong}" is no receiver`, 'Receivers are L5H1.q, L5H1.k, L5H1.v or logits');
  return inside.map((text) => placeAt(session, text));
}
