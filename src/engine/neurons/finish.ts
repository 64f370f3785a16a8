/** What is made once all text is read, layer by layer, each committed whole. */
import { CogscopeError } from '../../shared/errors.ts';
import { Effects } from './effects/effects.ts';
import type { IndexedModel, IndexPlan } from './plan.ts';
import { Background, BACKGROUND_ROWS } from './readings/background.ts';
import { readLayer } from './readings/layer.ts';
import type { Knowledge } from './readings/read.ts';
import { Traits } from './readings/traits.ts';
import type { EffectsMade } from './store/effects.ts';
import { writeEffects } from './store/effects.ts';
import type { IndexTables, NeuronIndex } from './store/index.ts';
import { IndexLines } from './store/lines.ts';
import type { IndexState } from './store/made.ts';
import { writePlaces } from './store/places.ts';
import { writeReadings } from './store/readings.ts';

export interface Unfinished {
  readonly model: IndexedModel;
  readonly plan: IndexPlan;
  readonly index: NeuronIndex;
  readonly state: IndexState;
  readonly tables: IndexTables;
}

/** Goes on behind the layers that are made; tells each one. Throws 'cancelled' where it is paused. */
export async function finish({ model, plan, index, state, tables }: Unfinished, signal: AbortSignal, made: (state: IndexState) => void): Promise<void> {
  const lines = new IndexLines(index);
  const knowledge = knowledgeOf(model, plan, state.lines, lines);
  // Many passes, one like the next; its sessions end when this does.
  const effects = await Effects.open({ ...model, program: { ...model.program, keepsMemory: true } }, plan, signal);
  try {
    for (const [at, mlp] of tables.mlps.entries()) {
      if (at < state.layers) continue;
      const { layer } = mlp;
      if (signal.aborted) throw new CogscopeError('cancelled', 'Paused with all text indexed', 'Start it again to finish the index');
      const written = typeof effects === 'string' ? effects : await effects.layer(layer, signal);
      const readings = await readLayer(mlp, (row) => lines.ids(row), knowledge, signal);
      const next: IndexState = { ...state, layers: at + 1, finished: at + 1 === tables.mlps.length };
      index.transaction((database) => {
        writeReadings(database, layer, readings);
        writePlaces(database, mlp);
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

/** The tokens of the vocabulary, and what the text is like. */
function knowledgeOf({ tokenizer }: IndexedModel, { vocab }: IndexPlan, rows: number, lines: IndexLines): Knowledge {
  const every = Math.max(1, Math.floor(rows / BACKGROUND_ROWS));
  const sample = Array.from({ length: Math.min(rows, BACKGROUND_ROWS) }, (_, at) => lines.ids(at * every));
  const largest = sample.reduce((most, ids) => ids.reduce((id, own) => Math.max(id, own), most), 0);
  const traits = new Traits(vocab ?? largest + 1, (id) => tokenizer.decode(id));
  return { traits, background: new Background(sample, traits) };
}

function added(before: EffectsMade | null, layer: number, effects: Effects | string, written: unknown): EffectsMade {
  const layers = { ...before?.layers, ...(typeof written === 'string' && typeof effects !== 'string' ? { [layer]: written } : {}) };
  return typeof effects === 'string' ? { norm: null, reason: effects, layers } : { norm: effects.norm, reason: '', layers };
}
