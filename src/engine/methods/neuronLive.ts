/** One neuron on a prompt while it is typed. */
import type { LiveActivations, LiveParams } from '../../shared/neurons/live.ts';
import { CogscopeError } from '../../shared/errors.ts';
import { prepareInputs } from '../program/inputs.ts';
import type { ModelSession } from '../session.ts';
import { idsOf, towerTokens } from './prompt.ts';
import type { TowerTokens } from './prompt.ts';
import { checkTaps, findTaps, pickFrom } from './taps.ts';
import type { Tap } from './taps.ts';

/** Throws 'usage' where the address is no neuron of the model, or the prompt cannot be run. */
export async function neuronLive(session: ModelSession, { prompt, address }: LiveParams, signal: AbortSignal): Promise<LiveActivations> {
  const tap = neuronTap(session, address);
  const towers = towerTokens(session, prompt);
  return { tokens: towers.get(tap.entry.tower.name) ?? [], values: await activations(session, tap, towers, signal) };
}

function neuronTap(session: ModelSession, address: string): Tap {
  const [tap] = findTaps(session, [address]);
  if (tap?.picks.length !== 1 || tap.picks[0]?.axis !== 'neuron') throw new CogscopeError('usage', `"${address}" is no neuron`, 'Write an address such as L3N1234');
  return tap;
}

/** [pos] of the neuron's hook_post. */
async function activations(session: ModelSession, tap: Tap, towers: TowerTokens, signal: AbortSignal): Promise<Float32Array> {
  checkTaps(session, [tap], towers);
  const { place, tower } = tap.entry;
  const { tensors } = prepareInputs(session.model, session.types, session.anatomy, idsOf(towers), {});
  const { taps } = await session.getProgram().run({ inputs: tensors, taps: [place.value], logits: 'none', signal });
  const tensor = taps.get(place.value);
  if (!tensor) throw new CogscopeError('internal', `${tap.name} was not kept`);
  return pickFrom(tap, session.canonical(tap.entry, tensor, towers.get(tower.name)?.length ?? null)).data;
}
