/** The files that an experiment names. */
import { relative, resolve } from 'node:path';
import type { Experiment } from '../shared/experiment/experiment.ts';

/** As they are found from a folder. */
export const withPaths = (experiment: Experiment, folder: string): Experiment => placed(experiment, (path) => resolve(folder, path));

/** As they are written in a file of that folder. */
export const relativeTo = (experiment: Experiment, folder: string): Experiment => placed(experiment, (path) => relative(folder, path).replaceAll('\\', '/'));

function placed(experiment: Experiment, place: (path: string) => string): Experiment {
  const model = place(experiment.model);
  // A draft may have no direction yet.
  return experiment.kind === 'steering' && typeof experiment.direction === 'string' && experiment.direction !== '' ? { ...experiment, model, direction: place(experiment.direction) } : { ...experiment, model };
}
