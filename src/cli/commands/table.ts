/** The commands. A new one is a file here and its row. */
import type { Command } from '../command.ts';
import { experiment } from './experiment.ts';
import { heads } from './heads.ts';
import { inspect } from './inspect.ts';
import { lens } from './lens.ts';
import { neurons } from './neurons.ts';
import { roles } from './roles.ts';
import { run } from './run.ts';
import { test } from './test.ts';

export const commands: readonly Command[] = [inspect, run, heads, lens, experiment, test, roles, neurons];
