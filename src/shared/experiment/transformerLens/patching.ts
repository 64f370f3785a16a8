/** Activation patching in Python, by transformer_lens.patching. */
import type { Patching, Site } from '../experiment.ts';
import { givenTo } from './prompts.ts';
import { indented } from '../../python/python.ts';
import type { Part } from '../../python/python.ts';
import { cellNames, functionOf, layersOf } from './sweep.ts';

export function patchingPart(experiment: Patching): Part {
  const { sites, by, layers, direction } = experiment;
  const given = givenTo(experiment);
  const isGeneric = (site: Site): boolean => layers !== undefined || functionOf(site, by) === undefined;
  const generic = sites.filter(isGeneric);
  const [source, base] = direction === 'denoise' ? ['clean', 'corrupted'] : ['corrupted', 'clean'];
  const sweeps = sites.map((site) => (isGeneric(site) ? genericSweep(site, experiment) : ownSweep(site, experiment))).join('\n');
  const body = `def experiment(${given}):
    """By address, the metric of each pair; and the metrics of the clean and of the corrupted runs."""
    cells, before = defaultdict(list), {"clean": [], "corrupted": []}
    for pair in PAIRS:
        measure = metric(${given}, pair)
        prompts = {name: tokens(${given}, pair[name]) for name in before}
        for name, prompt in prompts.items():
            before[name].append(measure(bridge(prompt)).item())
        # Activations of the ${source} run go into the ${base} one.
        base = prompts["${base}"]
        _, cache = bridge.run_with_cache(prompts["${source}"])
${generic.length > 0 && (by.includes('position') || by === 'head-dest-src') ? '        length = base.shape[1]\n' : ''}${indented(sweeps, 8)}
    return cells, before["clean"], before["corrupted"]`;
  const isOwn = generic.length < sites.length;
  return {
    imports: ['defaultdict', 'patching', ...(isOwn ? ['product'] as const : []), ...(generic.length > 0 ? ['dataFrame'] as const : [])],
    constants: [],
    functions: [...generic.map((site) => setter(site, experiment)), body],
  };
}

/** By the function that TransformerLens has for it. */
function ownSweep(site: Site, { by }: Patching): string {
  const { name, axes } = functionOf(site, by) ?? { name: '', axes: [] };
  const order = ['layer', ...axes].join(', ');
  return `values = patching.${name}(bridge, base, cache, measure)
for ${order} in product(*map(range, values.shape)):
    cells[f"${cellNames(site, by).address}"].append(values[${order}].item())`;
}

/** By its generic function, over rows of indices. */
function genericSweep(site: Site, { by, layers }: Patching): string {
  const { loops, ends, address } = cellNames(site, by);
  const order = loops.join(', ');
  const each = [`for layer in ${layersOf(layers)}`, ...ends.map((end, index) => `for ${loops[index + 1] ?? ''} in range(${end})`)].join(' ');
  const name = site === 'mlp_post' ? 'post' : site;
  return `rows = DataFrame([(${order}${loops.length === 1 ? ',' : ''}) for ${each.slice('for '.length)}], columns=[${loops.map((loop) => `"${loop}"`).join(', ')}])
values = patching.generic_activation_patch(bridge, base, cache, measure, put_${site}, "${name}", index_df=rows)
for (${order}${loops.length === 1 ? ',' : ''}), value in zip(rows.itertuples(index=False), values):
    cells[f"${address}"].append(value.item())`;
}

function setter(site: Site, { by }: Patching): string {
  const { loops, at } = cellNames(site, by);
  const unpacked = loops.slice(1).map((loop) => `${loop}`).join(', ');
  return `def put_${site}(activation, index, other):
    """One cell's part of ${site}, from the other run."""
${unpacked === '' ? '' : `    _, ${unpacked} = index\n`}    activation[${at}] = other[${at}]
    return activation`;
}
