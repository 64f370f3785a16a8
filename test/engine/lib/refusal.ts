/** A call that must be refused in one of our sentences. */
import assert from 'node:assert/strict';
import { CogscopeError } from '../../../src/shared/errors.ts';

export async function refusal(call: unknown): Promise<CogscopeError> {
  const error = await Promise.resolve(call).then(() => undefined, (caught: unknown) => caught);
  assert.ok(error instanceof CogscopeError, `it is refused in one of our sentences, not ${String(error)}`);
  return error;
}
