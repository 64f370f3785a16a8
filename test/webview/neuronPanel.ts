/** The panel of neurons under test: the stories example with an index over a text that is made for the test. */
import type { Scratch } from '../lib/scratch.ts';
import { openEngine } from '../engine/lib/openEngine.ts';
import { openPanel } from './harness.ts';
import type { Panel, PanelOptions } from './harness.ts';
import { stories } from './steps.ts';

const sentences = [
  'Once upon a time, there was a little girl named Lily. She had a big red ball.', '"Look at the big dog," said Ben. "It is very fast!"', 'Tom and Lily went to the park. They saw a bird in a tree.',
  'The cat was sad because it could not find its toy.', 'Ben gave the ball to Lily and she was happy.', '"Can I play too?" asked the boy. "Yes, you can," said Mom.', 'It was a hot day, so they went to the pond and swam.',
];

export interface Indexed {
  readonly db: string;
  /** The text, as it was indexed. */
  readonly text: string;
}

/** Made once a file of tests. */
export async function indexedStories(scratch: Scratch): Promise<Indexed> {
  const text = Array.from({ length: 60 }, (_, at) => Array.from({ length: 4 }, (__, part) => sentences[(at * 3 + part * (1 + (at % 4))) % sentences.length]).join(' ')).join('\n\n');
  const [path, db] = [scratch.write('story.txt', text), scratch.path('stories.db')];
  const { engine, call } = await openEngine(stories, null);
  await engine.indexNeurons({ texts: [{ path }], db }, call);
  await engine.release({}, call);
  return { db, text };
}

export const openNeurons = (options: Omit<PanelOptions, 'model'> & { readonly model?: string | null }): Promise<Panel> => openPanel('neurons', { model: stories, ...options });
