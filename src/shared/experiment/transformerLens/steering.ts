/** Steering in Python, by a hook. */
import type { Steering } from '../experiment.ts';
import { spotOf } from './cells.ts';
import { givenTo } from './prompts.ts';
import { lines, py } from './python.ts';
import type { Part } from './python.ts';

/** `direction`: its file, beside the Python file. */
export function steeringPart(experiment: Steering, direction: string): Part {
  const given = givenTo(experiment);
  const { hook, at } = spotOf(experiment.address);
  const isNumpy = /\.npy$/i.test(direction);
  const file = `Path(__file__).parent / ${py(direction)}`;
  return {
    imports: ['defaultdict', 'path', 'slices', isNumpy ? 'numpy' : 'safetensors'],
    constants: [
      `HOOK, AT = ${py(hook)}, ${at}`,
      isNumpy ? `DIRECTION = torch.from_numpy(numpy.load(${file})).float()` : `DIRECTION = load_file(${file})["direction"].float()`,
      '# Multiples of the direction, by the address of their cell.',
      lines('SCALES = {', experiment.scales.map((scale) => `${py(`${experiment.address} × ${scale}`)}: ${scale}`), '}'),
    ],
    functions: [ADD, `def experiment(${given}):
    """By address, the metric of each pair; and the metrics of the clean runs."""
    cells, clean = defaultdict(list), []
    for pair in PAIRS:
        measure = metric(${given}, pair)
        prompt = tokens(${given}, pair["clean"])
        clean.append(measure(bridge(prompt)).item())
        for address, scale in SCALES.items():
            cells[address].append(measure(bridge.run_with_hooks(prompt, fwd_hooks=[(HOOK, adding(scale))])).item())
    return cells, clean`],
  };
}

const ADD = `def adding(scale):
    def hook(activation, hook):
        activation = activation.clone()
        activation[AT] += scale * DIRECTION.to(activation.device)
        return activation

    return hook`;
