/** What a prompt becomes: its tokens, and its tower's inputs that are filled along with them. */
import type { FilledInput, Prompt, TokenInfo } from '../../shared/protocol/engineApi.ts';
import { prepareInputs, towerOf } from '../program/inputs.ts';
import type { ModelSession } from '../session.ts';
import { idsInputs, idsOf, tokensOf } from './prompt.ts';

export function tokenize(session: ModelSession, prompt: Prompt, tower?: string): { readonly tokens: readonly TokenInfo[]; readonly filled: readonly FilledInput[] } {
  const { model, types, anatomy } = session;
  const prompts = idsInputs(session);
  const from = prompts.find(({ name }) => name === tower) ?? prompts[0];
  const tokens = tokensOf(session, prompt, from);
  const name = from?.name ?? '';
  const own = prompts.length > 1 || anatomy.towers.length > 1 ? model.graph.inputs.filter((input) => towerOf(input, anatomy) === name) : model.graph.inputs;
  return { tokens, filled: prepareInputs(model, types, anatomy, idsOf(new Map([[name, tokens]])), {}, new Map(), own).filled };
}
