/**
 * An experiment as a Python file that does the same with TransformerLens 4 (`TransformerBridge`, `transformer_lens.patching`, hooks), on raw weights.
 *
 * The file's `experiment` gives the metric of each pair under the addresses that cells have here; training/patching/rerun.py holds it to TransformerLens's results.
 */
import { CogscopeError } from '../../errors.ts';
import type { Experiment } from '../experiment.ts';
import { kinds, recovers } from '../kinds.ts';
import { ablationPart } from './ablation.ts';
import { metricFunction } from './metric.ts';
import { patchingPart } from './patching.ts';
import { pathPart } from './paths.ts';
import { givenTo, hasText, promptsPart } from './prompts.ts';
import { boot, pythonFile, RUN } from '../../python/frame.ts';
import type { Part } from '../../python/python.ts';
import { steeringPart } from './steering.ts';
import { tracingPart } from './tracing.ts';

export interface PythonOptions {
  /** Of the pairs, where they have a file of their own: its path from the Python file's folder. */
  readonly pairs?: string | undefined;
}

/** Throws 'refused' for what TransformerLens's bridges have under no name that is known here. */
export function writePython(experiment: Experiment, { pairs }: PythonOptions = {}): string {
  if (experiment.pairs.some(({ prompts }) => prompts !== undefined)) {
    throw new CogscopeError('refused', 'Models with further towers cannot be patched by TransformerLens’s functions, which know one stack of blocks', 'Show the experiment’s file instead');
  }
  return pythonFile(`An experiment of Cogscope's with TransformerLens: ${kinds[experiment.kind].name}.`, [
    promptsPart(experiment, pairs), { imports: [], constants: [], functions: [metricFunction(experiment)] }, kindPart(experiment), mainPart(experiment),
  ]);
}

function kindPart(experiment: Experiment): Part {
  switch (experiment.kind) {
    case 'activation-patching':
      return patchingPart(experiment);
    case 'causal-tracing':
      return tracingPart(experiment);
    case 'ablation':
      return ablationPart(experiment);
    case 'path-patching':
      return pathPart(experiment);
    case 'steering':
      return steeringPart(experiment);
    default:
      return experiment satisfies never;
  }
}

/** Prints the cells, the strongest first. */
function mainPart(experiment: Experiment): Part {
  const isShare = recovers(experiment.kind);
  const given = givenTo(experiment);
  const share = `    cells, clean, corrupted = experiment(${given})
    clean, corrupted = fmean(clean), fmean(corrupted)
    print(f"clean {clean:.4f}, corrupted {corrupted:.4f}")
    strength = lambda metric: (metric - corrupted) / (clean - corrupted) if clean != corrupted else math.nan`;
  const effect = `    cells, clean = experiment(${given})
    clean = fmean(clean)
    print(f"clean {clean:.4f}")
    strength = lambda metric: metric - clean`;
  return {
    imports: ['fmean', ...(isShare ? ['math'] as const : []), ...(hasText(experiment) ? ['tokenizer'] as const : [])],
    constants: [],
    functions: [`def main():
${boot(hasText(experiment))}
${isShare ? share : effect}
    print(f"{'cell':32}{'metric':>12}{'${isShare ? 'recovered' : 'effect'}':>12}")
    for address, metrics in sorted(cells.items(), key=lambda cell: -abs(strength(fmean(cell[1])))):
        print(f"{address:32}{fmean(metrics):12.4f}{strength(fmean(metrics)):12.4f}")


${RUN}`],
  };
}
