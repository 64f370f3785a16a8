/** An experiment as a Python file in a folder: the files that it names are found from there. */
import { relative } from 'node:path';
import type { Experiment } from '../shared/experiment/experiment.ts';
import { writePython } from '../shared/experiment/transformerLens/write.ts';

/** `pairs`: their own file, relative to the folder. Throws 'refused' for what has no counterpart. */
export function writePythonFile(experiment: Experiment, folder: string, pairs?: string): string {
  const direction = experiment.kind === 'steering' && typeof experiment.direction === 'string' ? relative(folder, experiment.direction).replaceAll('\\', '/') : undefined;
  return writePython(experiment, { pairs, direction });
}
