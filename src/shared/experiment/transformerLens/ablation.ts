/** Ablation in Python, by hooks. */
import type { Ablation } from '../experiment.ts';
import { derangement } from '../random.ts';
import { spotOf } from './cells.ts';
import { givenTo } from './prompts.ts';
import { indented, lines, py } from '../../python/python.ts';
import type { Part } from '../../python/python.ts';
import { cellNames, hookOf, layersOf } from './sweep.ts';

export function ablationPart(experiment: Ablation): Part {
  const { ablate, pairs, seed } = experiment;
  return {
    imports: ['defaultdict', 'slices'],
    constants: ablate === 'resample' ? [`# Whose activations a pair's run takes: drawn from seed ${seed}.`, `OTHERS = ${py(derangement(pairs.length, seed))}`] : [],
    functions: [cellsFunction(experiment), ...(ablate === 'mean' ? [MEAN] : []), HOOK, experimentFunction(experiment)],
  };
}

function cellsFunction({ sites, by, layers, together }: Ablation): string {
  const loops = sites.map((site) => {
    const { loops: names, ends, at, address } = cellNames(site, by);
    const body = `yield f"${address}", [(f"${hookOf(site)}", s_[${at}])]`;
    const inner = ends.reduceRight((text, end, index) => `for ${names[index + 1] ?? ''} in range(${end}):\n${indented(text, 4)}`, body);
    return `for layer in ${layersOf(layers)}:\n${indented(inner, 4)}`;
  });
  const set = together.length === 0 ? [] : [lines(`yield ${py(together.join(' + '))}, [`, together.map((address) => `(${spotText(address)})`), ']')];
  return `def places(bridge, length):
    """Each cell's address, and what it ablates: hooks, and which part of their activations."""
${indented([...loops, ...set].join('\n'), 4)}`;
}

const spotText = (address: string): string => {
  const { hook, at } = spotOf(address);
  return `${py(hook)}, ${at}`;
};

const MEAN = `def mean(runs):
    """By position where all prompts have one length, else over all positions."""
    if len({run.shape[1] for run in runs}) == 1:
        return torch.cat(runs).mean(0, keepdim=True)
    return torch.cat([run.flatten(0, 1) for run in runs]).mean(0)[None, None]`;

const HOOK = `def replaced(name, at, value):
    """A hook that puts a part of \`value\` in the place of the activation's own."""
    def hook(activation, hook):
        activation = activation.clone()
        activation[at] = value.expand_as(activation)[at]
        return activation

    return name, hook`;

/** What takes an activation's place in the run of pair `index`, and what must be known for it. */
const values: Readonly<Record<Ablation['ablate'], { readonly before: string; readonly value: string }>> = {
  zero: { before: '', value: 'torch.zeros((), device=bridge.cfg.device)' },
  mean: { before: '    caches = [bridge.run_with_cache(prompt)[1] for prompt in prompts]\n', value: 'mean([cache[name] for cache in caches])' },
  resample: { before: '    caches = [bridge.run_with_cache(prompt)[1] for prompt in prompts]\n', value: 'caches[OTHERS[index]][name]' },
};

function experimentFunction(experiment: Ablation): string {
  const given = givenTo(experiment);
  const { before, value } = values[experiment.ablate];
  return `def experiment(${given}):
    """By address, the metric of each pair; and the metrics of the clean runs."""
    cells, clean = defaultdict(list), []
    prompts = [tokens(${given}, pair["clean"]) for pair in PAIRS]
${before}    for index, (pair, prompt) in enumerate(zip(PAIRS, prompts)):
        measure = metric(${given}, pair)
        clean.append(measure(bridge(prompt)).item())
        for address, parts in places(bridge, prompt.shape[1]):
            hooks = [replaced(name, at, ${value}) for name, at in parts]
            cells[address].append(measure(bridge.run_with_hooks(prompt, fwd_hooks=hooks)).item())
    return cells, clean`;
}
