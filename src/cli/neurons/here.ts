/** `cogscope neurons here MODEL --prompt TEXT --position N`. */
import type { Arguments } from '../args.ts';
import { withModel } from '../command.ts';
import type { Context, Outcome } from '../command.ts';
import { OK } from '../exits.ts';
import { hereText } from '../print/neurons.ts';
import { onePrompt, positionOf, tokenOf } from '../prompts.ts';
import { databaseOf } from './index.ts';

export async function neuronsHere(args: Arguments, context: Context): Promise<Outcome> {
  const { progress, interrupts: { signal } } = context;
  const limit = args.whole('limit', 1, 1000);
  const params = { db: args.has('db') ? databaseOf(args) : null, prompt: onePrompt(args).prompt, position: positionOf(args), target: tokenOf(args, 'target'), ...(limit === undefined ? {} : { limit }) };
  const here = await withModel(args, context, (engine) => {
    progress.show('Running the prompt');
    return engine.call('neuronsHere', params, { signal });
  });
  return { text: () => hereText(here), json: { ...here }, exit: OK };
}
