/** Questions that follow what a person chooses: neurons that are looked for, neurons at a token, a trial of the readings. The last answer counts. */
import { CogscopeError } from '../../../src/shared/errors.ts';
import { parseShort } from '../../../src/shared/addresses.ts';
import type { NeuronQuery } from '../../../src/shared/neurons/search.ts';
import type { NeuronPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import type { Host } from '../../lib/connect.ts';
import { rates } from '../model/rates.ts';
import type { PanelStore } from '../model/reduce.ts';
import { none } from '../model/state.ts';
import type { Asked, Query, State } from '../model/state.ts';

/** While somebody types nothing is looked for, ms. */
const REST = 150;
const FOUND = 30;

/** Asks, and hands on what comes unless something else was asked meanwhile. */
function latest<T>(show: (asked: Asked<T>) => void): (call: ((signal: AbortSignal) => Promise<T | null>) | null) => void {
  let current: AbortController | undefined;
  return (call) => {
    current?.abort();
    if (!call) return show(none);
    const controller = new AbortController();
    current = controller;
    show({ kind: 'asked' });
    call(controller.signal).then(
      (value) => !controller.signal.aborted && show(value === null ? none : { kind: 'there', value }),
      (thrown: unknown) => !controller.signal.aborted && show({ kind: 'failed', error: CogscopeError.describe(thrown) }),
    );
  };
}

const asked: Readonly<Record<Query['by'], (wanted: string) => NeuronQuery>> = { token: (token) => ({ token }), raises: (output) => ({ output }), lowers: (word) => ({ output: `-${word}` }), described: (described) => ({ described }) };

/** Undefined where nothing is looked for. */
export function queryOf({ query, address }: State): NeuronQuery | undefined {
  const { text, by, rate, inLayer } = query;
  const wanted = text.trim();
  const range = rates[rate];
  if (wanted === '' && (range === undefined || rate === 0)) return undefined;
  const short = address === null ? undefined : parseShort(address);
  return {
    ...(wanted === '' ? {} : asked[by](wanted)),
    ...(range?.from === undefined ? {} : { rateFrom: range.from }), ...(range?.to === undefined ? {} : { rateTo: range.to }),
    ...(inLayer && short?.kind === 'neuron' ? { layer: short.layer } : {}), limit: FOUND,
  };
}

const hasIndex = ({ index }: State): boolean => index.kind === 'there' && index.value.kind === 'usable';

/** Returns what tries the readings. */
export function askWhatIsChosen(host: Host<NeuronPanelApi>, store: PanelStore): (on: 'text' | 'file') => void {
  const find = latest<Awaited<ReturnType<NeuronPanelApi['search']>>>((found) => store.dispatch({ kind: 'found', found }));
  const here = latest<Awaited<ReturnType<NeuronPanelApi['here']>>>((asked) => store.dispatch({ kind: 'here', here: asked }));
  const trial = latest<NonNullable<Awaited<ReturnType<NeuronPanelApi['test']>>>>((asked) => store.dispatch({ kind: 'trial', trial: asked }));
  let timer: ReturnType<typeof setTimeout> | undefined;
  store.listen((state, previous) => {
    const query = hasIndex(state) ? queryOf(state) : undefined;
    const isOther = JSON.stringify(query) !== JSON.stringify(hasIndex(previous) ? queryOf(previous) : undefined);
    if (isOther || (query && state.index !== previous.index)) {
      clearTimeout(timer);
      timer = setTimeout(() => find(query ? (signal) => host.call('search', query, { signal }) : null), REST);
    }
    if (state.position !== previous.position) {
      const { text, position } = state;
      // A text that was changed has no chosen token: what is under way for the one before is no longer wanted.
      here(position < 0 ? null : (signal) => host.call('here', { prompt: { kind: 'text', text, special: true }, position }, { signal }));
    }
    if (state.address !== previous.address) trial(null);
  });
  return (on) => {
    const { address, text } = store.state;
    if (address !== null) trial((signal) => host.call('test', { address, text: on === 'text' ? text : null }, { signal }));
  };
}
