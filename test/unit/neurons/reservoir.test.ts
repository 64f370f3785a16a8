/** Samples out of streams of unknown length are uniform, and told by how many there were. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RESERVOIR, Reservoirs } from '../../../src/engine/neurons/state/reservoir.ts';

const [STREAMS, LENGTH, PARTS] = [4000, 200, 10];

test('each number of a stream is as likely to be kept as every other', () => {
  const reservoirs = new Reservoirs(new Uint32Array(STREAMS), 3);
  const kept = Array.from({ length: STREAMS }, () => new Uint32Array(RESERVOIR));
  for (let number = 1; number <= LENGTH; number++) {
    kept.forEach((places, stream) => {
      if (reservoirs.next[stream] === number) places[reservoirs.take(stream)] = number;
    });
  }
  const parts = new Array<number>(PARTS).fill(0);
  for (const number of kept.flatMap((places) => [...places])) {
    assert.ok(number > 0, 'every place is taken');
    const part = Math.floor(((number - 1) * PARTS) / LENGTH);
    parts[part] = (parts[part] ?? 0) + 1;
  }
  const expected = (STREAMS * RESERVOIR) / PARTS;
  // Six standard deviations of a count that is one in ten.
  const most = 6 * Math.sqrt(expected * 0.9);
  for (const [part, count] of parts.entries()) assert.ok(Math.abs(count - expected) < most, `tenth ${part} has ${count} of about ${expected}`);
  assert.deepEqual(new Reservoirs(new Uint32Array(STREAMS).fill(LENGTH), 3).next, reservoirs.next, 'counts alone tell what is taken next');
});
