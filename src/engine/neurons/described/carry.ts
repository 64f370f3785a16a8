/** What others say of neurons, taken from an index into the one that is made in its place: nobody has to import it again. */
import type { DescriptionsCarried } from '../../../shared/neurons/described.ts';
import type { MlpLayer } from '../plan.ts';
import { storedDescriptions } from '../store/described.ts';
import type { StoredDescription } from '../store/described.ts';
import { NeuronIndex } from '../store/index.ts';
import type { ModelIdentity } from '../store/made.ts';
import { UNITS } from '../store/schema.ts';
import { inWords, openDatabase } from '../store/sqlite.ts';

export interface Carried {
  readonly list: readonly StoredDescription[];
  /** Null where there was nothing to keep. */
  readonly told: DescriptionsCarried | null;
}

/**
 * From the index at `db`, of whatever version, as far as the new one has its neurons. A model that changed goes by the name that it had; descriptions
 * of a model of another name and other bytes are of other neurons.
 */
export async function carryDescriptions(db: string, model: ModelIdentity, mlps: readonly MlpLayer[]): Promise<Carried> {
  if (!NeuronIndex.exists(db)) return { list: [], told: null };
  const database = await openDatabase(db, { readOnly: true });
  try {
    return inWords(db, () => {
      const all = storedDescriptions(database);
      if (all.length === 0) return { list: [], told: null };
      const before = JSON.parse(String(database.prepare("SELECT value FROM meta WHERE key = 'model'").get()?.['value'])) as ModelIdentity;
      if (before.name !== model.name && before.sha256 !== model.sha256) return { list: [], told: { kept: 0, dropped: all.length, another: before.name } };
      const sizes = new Map(mlps.map(({ layer, neurons }) => [layer, neurons]));
      const list = all.filter(({ neuron }) => neuron % UNITS < (sizes.get(Math.floor(neuron / UNITS)) ?? 0));
      return { list, told: { kept: list.length, dropped: all.length - list.length, another: null } };
    });
  } finally {
    database.close();
  }
}
