/** What is made once all text is read, layer by layer, each committed whole. */
import { CogscopeError } from '../../shared/errors.ts';
import { Effects } from './effects/effects.ts';
import type { IndexedModel, IndexPlan } from './plan.ts';
import type { EffectsMade } from './store/effects.ts';
import { writeEffects } from './store/effects.ts';
import type { NeuronIndex } from './store/index.ts';
import type { IndexState } from './store/made.ts';

export interface Unfinished {
  readonly model: IndexedModel;
  readonly plan: IndexPlan;
  readonly index: NeuronIndex;
  readonly state: IndexState;
}

/** Goes on behind the layers that are made; tells each one. Throws 'cancelled' where it is paused. */
export async function finish({ model, plan, index, state }: Unfinished, signal: AbortSignal, made: (state: IndexState) => void): Promise<void> {
  const effects = await Effects.open(model, plan, signal);
  try {
    for (const [at, { layer }] of plan.mlps.entries()) {
      if (at < state.layers) continue;
      if (signal.aborted) throw new CogscopeError('cancelled', 'Paused with all text indexed', 'Start it again to finish the index');
      const written = typeof effects === 'string' ? effects : await effects.layer(layer, signal);
      const next: IndexState = { ...state, layers: at + 1, finished: at + 1 === plan.mlps.length };
      index.transaction((database) => {
        if (typeof written !== 'string') writeEffects(database, layer, written);
        index.setMeta('effects', added(index.effects, layer, effects, written));
        index.setMeta('state', next);
      });
      made(next);
    }
  } finally {
    if (typeof effects !== 'string') await effects.release();
  }
}

function added(before: EffectsMade | null, layer: number, effects: Effects | string, written: unknown): EffectsMade {
  const layers = { ...before?.layers, ...(typeof written === 'string' && typeof effects !== 'string' ? { [layer]: written } : {}) };
  return typeof effects === 'string' ? { norm: null, reason: effects, layers } : { norm: effects.norm, reason: '', layers };
}
