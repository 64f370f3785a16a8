/** Path patching in Python, by hooks. */
import type { PathPatching } from '../experiment.ts';
import { spotOf } from './cells.ts';
import { givenTo } from './prompts.ts';
import { lines, py } from '../../python/python.ts';
import type { Part } from '../../python/python.ts';

export function pathPart(experiment: PathPatching): Part {
  const inside = experiment.receivers.filter((receiver) => receiver !== 'logits').map(spotOf);
  return {
    imports: ['defaultdict', 'slices'],
    constants: ['# What receives: hooks, and which part of their activations.', inside.length === 0 ? 'RECEIVERS = []' : lines('RECEIVERS = [', inside.map(({ hook, at }) => `(${py(hook)}, ${at})`), ']')],
    functions: [sendersFunction(experiment), HOOKS, ...(inside.length > 0 && inside.length < experiment.receivers.length ? [ADDING] : []), experimentFunction(experiment)],
  };
}

function sendersFunction({ senders }: PathPatching): string {
  const list = lines('return [', senders.map((address) => {
    const { hook, at } = spotOf(address);
    return `(${py(address)}, ${py(hook)}, ${at})`;
  }), ']').replaceAll('\n', '\n    ');
  const heads = 'return [(f"L{layer}H{head}", f"blocks.{layer}.attn.hook_z", s_[:, :, head]) for layer in range(bridge.cfg.n_layers) for head in range(bridge.cfg.n_heads)]';
  return `def senders(bridge):
    """Each sender's address, its hook, and which part of its activation sends."""
    ${senders.length === 0 ? heads : list}`;
}

const HOOKS = `def replaced(name, at, value):
    """A hook that puts a part of \`value\` in the place of the activation's own."""
    def hook(activation, hook):
        activation = activation.clone()
        activation[at] = value[at]
        return activation

    return name, hook


def recording(name, recorded):
    def hook(activation, hook):
        recorded[name] = activation.clone()
        return activation

    return name, hook`;

const ADDING = `def adding(name, change):
    return name, lambda activation, hook: activation + change`;

function experimentFunction(experiment: PathPatching): string {
  const given = givenTo(experiment);
  const [source, base] = experiment.direction === 'denoise' ? ['clean', 'corrupted'] : ['corrupted', 'clean'];
  const isOnly = experiment.receivers.every((receiver) => receiver === 'logits');
  const isRecomputed = experiment.mlps === 'recomputed';
  const isDirect = experiment.receivers.includes('logits');
  const direct = isDirect ? `
            # What reaches the logits directly is added to what the receivers make of theirs.
            hooks.append(adding(last, recorded[last] - own[last]))` : '';
  const second = `            recorded = {}
            bridge.run_with_hooks(base, fwd_hooks=[*held, *(recording(receiver, recorded) for receiver in {${isDirect ? 'last, *(receiver for receiver, _ in RECEIVERS)' : 'receiver for receiver, _ in RECEIVERS'}})])
            # Second run: the receivers read what the first run gave them, and all else is the ${base} run's own.
            hooks = [replaced(receiver, part, recorded[receiver]) for receiver, part in RECEIVERS]${direct}
            cells[address].append(measure(bridge.run_with_hooks(base, fwd_hooks=hooks)).item())`;
  const only = '            cells[address].append(measure(bridge.run_with_hooks(base, fwd_hooks=held)).item())';
  return `def experiment(${given}):
    """By address, the metric of each pair; and the metrics of the clean and of the corrupted runs."""
    cells, before = defaultdict(list), {"clean": [], "corrupted": []}
    frozen = [name for layer in range(bridge.cfg.n_layers) for part in (${isRecomputed ? '"attn.hook_z",' : '"attn.hook_z", "hook_mlp_out"'}) if (name := f"blocks.{layer}.{part}") in bridge.hook_dict]
${isDirect && !isOnly ? '    last = f"blocks.{bridge.cfg.n_layers - 1}.hook_resid_post"\n' : ''}    for pair in PAIRS:
        measure = metric(${given}, pair)
        prompts = {name: tokens(${given}, pair[name]) for name in before}
        for name, prompt in prompts.items():
            before[name].append(measure(bridge(prompt)).item())
        # What senders write in the ${source} run goes into the ${base} one.
        base = prompts["${base}"]
        _, given = bridge.run_with_cache(prompts["${source}"])
        _, own = bridge.run_with_cache(base)
        for address, name, at in senders(bridge):
            # ${isOnly ? 'One' : 'First'} run: all heads ${isRecomputed ? '' : 'and MLPs '}are held to the ${base} run but for the sender, so that its writing goes through the residual stream ${isRecomputed ? 'and MLPs ' : ''}alone.
            held = [*(replaced(other, s_[:], own[other]) for other in frozen), replaced(name, at, given[name])]
${isOnly ? only : second}
    return cells, before["clean"], before["corrupted"]`;
}
