/** Asks the host for what the shown neuron's parts need: the index's standing, figures, similar neurons, shades of the examples. */
import { CogscopeError } from '../../../src/shared/errors.ts';
import type { NeuronPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import type { Host } from '../../lib/connect.ts';
import { groupsOf, shownOf } from '../model/groups.ts';
import type { PanelStore } from '../model/reduce.ts';
import { exampleKey } from '../model/state.ts';
import type { State } from '../model/state.ts';

export class Loader {
  private readonly host: Host<NeuronPanelApi>;
  private readonly store: PanelStore;
  private figures: AbortController | undefined;
  private shades: AbortController | undefined;

  constructor(host: Host<NeuronPanelApi>, store: PanelStore) {
    this.host = host;
    this.store = store;
    store.listen((state, previous) => this.follow(state, previous));
  }

  /** The index is another one, or has more in it. */
  async index(): Promise<void> {
    if (!isUsable(this.store.state)) return;
    try {
      const value = await this.host.call('index', {});
      this.store.dispatch({ kind: 'index', index: { kind: 'there', value } });
      if (value.kind === 'usable') this.store.dispatch({ kind: 'layers', layers: { kind: 'there', value: await this.host.call('layers', {}) } });
    } catch (thrown) {
      this.store.dispatch({ kind: 'index', index: { kind: 'failed', error: CogscopeError.describe(thrown) } });
    }
  }

  private follow(state: State, previous: State): void {
    if (isUsable(state) && (!isUsable(previous) || reading(state) !== reading(previous))) void this.index();
    if (state.index !== previous.index || state.address !== previous.address) void this.load(state);
    // One after the other: shading runs the model, which is not to be done twice for one example.
    const isOther = state.figures !== previous.figures || state.reading !== previous.reading || state.unfolded !== previous.unfolded || state.model?.trusted !== previous.model?.trusted;
    if (isOther) void this.shade(state);
  }

  private async load({ index, address }: State): Promise<void> {
    for (const asked of [this.figures, this.shades]) asked?.abort();
    if (address === null || index.kind !== 'there' || index.value.kind !== 'usable') return;
    const controller = new AbortController();
    this.figures = controller;
    this.store.dispatch({ kind: 'figures', figures: { kind: 'asked' } });
    try {
      const value = await this.host.call('neuron', { address }, { signal: controller.signal });
      if (!controller.signal.aborted) this.store.dispatch({ kind: 'figures', figures: { kind: 'there', value } });
    } catch (thrown) {
      if (!controller.signal.aborted) this.store.dispatch({ kind: 'figures', figures: { kind: 'failed', error: CogscopeError.describe(thrown) } });
      return;
    }
    // Behind the figures, which are not to wait for it.
    await this.loadSimilar(address, controller.signal);
  }

  private async loadSimilar(address: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    try {
      const value = await this.host.call('similar', { address }, { signal });
      if (!signal.aborted) this.store.dispatch({ kind: 'similar', similar: { kind: 'there', value } });
    } catch (thrown) {
      if (!signal.aborted) this.store.dispatch({ kind: 'similar', similar: { kind: 'failed', error: CogscopeError.describe(thrown) } });
    }
  }

  private async shade(state: State): Promise<void> {
    const { figures, address, shades, unfolded, model, reading } = state;
    this.shades?.abort();
    if (address === null || figures.kind !== 'there' || figures.value.address !== address || model?.trusted !== true) return;
    const controller = new AbortController();
    this.shades = controller;
    // Group by group, the strongest first: each is drawn as it comes.
    for (const group of groupsOf(figures.value.examples, reading)) {
      const examples = shownOf(group, unfolded).filter((example) => !shades.has(exampleKey(example))).map(({ row, position }) => ({ row, position }));
      if (examples.length === 0) continue;
      try {
        const made = await this.host.call('shades', { address, examples }, { signal: controller.signal });
        if (controller.signal.aborted) return;
        this.store.dispatch({ kind: 'shades', shades: made });
      } catch {
        // Without shades the examples are read all the same; what is wrong with the model is said elsewhere.
        return;
      }
    }
  }
}

const isUsable = ({ model }: State): boolean => model?.state.kind === 'open';

/** Another one where the model was read again, or its engine came back. */
const reading = ({ model }: State): unknown => (model?.state.kind === 'open' ? model.state.summary : undefined);
