/** Exports of both prompts beside each other: their numbers with the difference, and both drawings on one page. */
import { capitalised } from '../../../src/shared/format.ts';
import { joinedSvg } from '../../lib/export/joined.ts';
import { besideHeadCsv, besideLayersCsv } from '../export/besideCsv.ts';
import type { Both } from '../export/besideCsv.ts';
import { besideState, ownState } from '../model/beside.ts';
import { placeOf } from '../model/heads.ts';
import { axesOf, layerOf, layersInOrder, missingOf, visibilityOf } from '../model/read.ts';
import type { State } from '../model/state.ts';
import type { Shown } from './save.ts';

const each = async <T>(of: (side: 'first' | 'second') => T | Promise<T>): Promise<Both<T>> => ({ first: await of('first'), second: await of('second') });

export async function besideCsv({ state, tiles }: Shown): Promise<string> {
  const { head } = state;
  const states = { first: besideState(state, 'first'), second: besideState(state, 'second') };
  if (state.place === 'head' && head) {
    const whole = await each((side) => (states[side].run ? tiles.get(states[side].run, head) : Promise.reject(new Error('There is no run'))));
    return besideHeadCsv(head, axesOf(state, head), whole, visibilityOf(states.first, head, whole.first), { first: missingOf(states.first, head), second: missingOf(states.second, head) });
  }
  return besideLayersCsv(layersInOrder(states.first).flatMap((first) => {
    const second = layerOf(states.second, placeOf(first));
    return second ? [{ first, second }] : [];
  }), (layer) => axesOf(state, placeOf(layer)));
}

/** `draw`: one of the two as a drawing of its own. */
export async function besideSvg({ state, ink }: Shown, draw: (state: State) => Promise<string>): Promise<string> {
  const of = state.place === 'head' ? besideState : ownState;
  const drawings = await each((side) => draw(of(state, side)));
  return joinedSvg('Attention of both prompts', ink.palette.theme, (['first', 'second'] as const).map((side) => ({ caption: `${capitalised(side)} prompt`, svg: drawings[side] })));
}
