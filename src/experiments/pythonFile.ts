/** An experiment as a Python file in a folder: the files that it names are found from there. */
import type { Experiment } from '../shared/experiment/experiment.ts';
import { writePython } from '../shared/experiment/transformerLens/write.ts';
import { relativeTo } from './paths.ts';

/** `pairs`: their own file, relative to the folder. Throws 'refused' for what has no counterpart. */
export const writePythonFile = (experiment: Experiment, folder: string, pairs?: string): string => writePython(relativeTo(experiment, folder), { pairs });
