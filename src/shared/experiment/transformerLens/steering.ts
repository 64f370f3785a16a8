/** Steering in Python, by a hook. */
import type { PromptDifference, Steering } from '../experiment.ts';
import { spotOf } from './cells.ts';
import { givenTo } from './prompts.ts';
import { lines, py } from '../../python/python.ts';
import type { Part } from '../../python/python.ts';

/** A direction's file is looked for from the Python file's folder. */
export function steeringPart(experiment: Steering): Part {
  const { direction } = experiment;
  const scales = lines('SCALES = {', experiment.scales.map((scale) => `${py(`${experiment.address} × ${scale}`)}: ${scale}`), '}');
  const constants = ['# Multiples of the direction, by the address of their cell.', scales];
  return typeof direction === 'string' ? byFile(experiment, direction, constants) : byDifference(experiment, direction, constants);
}

function byFile(experiment: Steering, direction: string, constants: readonly string[]): Part {
  const given = givenTo(experiment);
  const { hook, at } = spotOf(experiment.address);
  const isNumpy = /\.npy$/i.test(direction);
  const file = `Path(__file__).parent / ${py(direction)}`;
  return {
    imports: ['defaultdict', 'path', 'slices', isNumpy ? 'numpy' : 'safetensors'],
    constants: [
      `HOOK, AT = ${py(hook)}, ${at}`,
      isNumpy ? `DIRECTION = torch.from_numpy(numpy.load(${file})).float()` : `DIRECTION = load_file(${file})["direction"].float()`,
      ...constants,
    ],
    functions: [adding('scale', 'DIRECTION'), experimentFunction(given, 'adding(scale)')],
  };
}

/** `hook` adds the direction; `first` is made before the prompts are run. */
const experimentFunction = (given: string, hook: string, first = ''): string => `def experiment(${given}):
    """By address, the metric of each pair; and the metrics of the clean runs."""
${first}    cells, clean = defaultdict(list), []
    for pair in PAIRS:
        measure = metric(${given}, pair)
        prompt = tokens(${given}, pair["clean"])
        clean.append(measure(bridge(prompt)).item())
        for address, scale in SCALES.items():
            cells[address].append(measure(bridge.run_with_hooks(prompt, fwd_hooks=[(HOOK, ${hook})])).item())
    return cells, clean`;

const adding = (parameters: string, direction: string): string => `def adding(${parameters}):
    def hook(activation, hook):
        activation = activation.clone()
        activation[AT] += scale * ${direction}.to(activation.device)
        return activation

    return hook`;

/** The part of an activation at all positions. */
const wholeOf = (address: string): string => spotOf(address.replace(/@.*$/, '')).at;

function byDifference(experiment: Steering, { from, position }: PromptDifference, constants: readonly string[]): Part {
  const given = givenTo(experiment);
  const { hook, at } = spotOf(experiment.address);
  const [more = '', less = ''] = from.split(' - ');
  // Of axis 1, kept as an axis: the mean of one position is itself.
  const rows = position === 'mean' ? 's_[:, :]' : `s_[:, ${position}:${position === -1 ? '' : position + 1}]`;
  return {
    imports: ['defaultdict', 'slices'],
    constants: [`HOOK, AT = ${py(hook)}, ${at}`, '# Where prompts are read, and which part of that.', `READ, PART = ${rows}, ${wholeOf(experiment.address)}`, ...constants],
    functions: [adding('direction, scale', 'direction'), `def difference(${given}):
    """The mean over pairs of the ${more} prompt's activation less the ${less} one's."""
    def read(prompt):
        _, cache = bridge.run_with_cache(tokens(${given}, prompt), names_filter=HOOK)
        return cache[HOOK][READ][PART].mean(1)[0]

    return torch.stack([read(pair["${more}"]) - read(pair["${less}"]) for pair in PAIRS]).mean(0)`, experimentFunction(given, 'adding(direction, scale)', `    direction = difference(${given})\n`)],
  };
}
