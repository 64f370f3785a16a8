/** Causal tracing in Python, by hooks, with the noise that Cogscope's engine draws. */
import type { Tracing } from '../experiment.ts';
import { givenTo } from './prompts.ts';
import { py } from '../../python/python.ts';
import type { Part } from '../../python/python.ts';

export function tracingPart(experiment: Tracing): Part {
  const { sites, sigma, samples, seed, subject, window } = experiment;
  return {
    imports: ['defaultdict', 'math'],
    constants: [
      `SITES = ${py(sites)}`,
      '# Layers that are restored at once, around a cell\'s own, of attn_out and mlp_out.', `WINDOW = ${window}`,
      '# Standard deviations of the noise, in those of the embeddings; samples of it; what they are drawn from.', `SIGMA, SAMPLES, SEED = ${sigma}, ${samples}, ${seed}`,
      '# The words whose embeddings are disturbed, where a pair names none of its own.', `SUBJECT = ${py(subject)}`,
    ],
    functions: [NOISE, SUBJECT_OF, experimentFunction(givenTo(experiment))],
  };
}

const NOISE = `def deviates(seed):
    """Standard normal deviates by Box and Muller from mulberry32: the same as in Cogscope from the same seed."""
    state, mask = seed & 0xFFFFFFFF, 0xFFFFFFFF

    def uniform():
        nonlocal state
        state = (state + 0x6D2B79F5) & mask
        mixed = ((state ^ (state >> 15)) * (state | 1)) & mask
        mixed ^= (mixed + (((mixed ^ (mixed >> 7)) * (mixed | 61)) & mask)) & mask
        return ((mixed ^ (mixed >> 14)) & mask) / 2**32

    while True:
        radius, angle = math.sqrt(-2 * math.log(1 - uniform())), 2 * math.pi * uniform()
        yield radius * math.cos(angle)
        yield radius * math.sin(angle)


def noise(positions, width, deviation):
    """[samples, positions, width]"""
    drawn = deviates(SEED)
    return torch.tensor([deviation * next(drawn) for _ in range(SAMPLES * positions * width)]).view(SAMPLES, positions, width)`;

const SUBJECT_OF = `def subject_of(tokenizer, pair):
    """Positions of the tokens that the subject's words touch."""
    text, words = pair["clean"], pair.get("subject", SUBJECT)
    first = text.index(words)
    places = tokenizer(text, add_special_tokens=SPECIAL, return_offsets_mapping=True)["offset_mapping"]
    return [position for position, (start, end) in enumerate(places) if start < first + len(words) and end > first]


def restored(site, layer, layers):
    """The layers that are put back: half of the window before the layer, the other half from it on."""
    if site == "resid_post":
        return [layer]
    return range(max(0, layer - WINDOW // 2), min(layers, layer - WINDOW // 2 + WINDOW))`;

const experimentFunction = (given: string): string => `def experiment(${given}):
    """By address, the metric of each pair, a mean over the samples; and the metrics of the clean and of the disturbed runs."""
    cells, clean, corrupted = defaultdict(list), [], []
    layers, embeddings = bridge.cfg.n_layers, bridge.W_E.double()
    deviation = SIGMA * embeddings.std(correction=0).item()
    for pair in PAIRS:
        measure = metric(${given}, pair)
        prompt = tokens(${given}, pair["clean"])
        subject = subject_of(tokenizer, pair)
        added = noise(len(subject), embeddings.shape[1], deviation).to(bridge.cfg.device)
        logits, cache = bridge.run_with_cache(prompt)

        def disturb(activation, hook):
            activation = activation.clone()
            activation[:, subject] += added
            return activation

        def restore(name, position):
            def hook(activation, hook):
                activation = activation.clone()
                activation[:, position] = cache[name][:, position]
                return activation

            return name, hook

        def run(hooks):
            return measure(bridge.run_with_hooks(prompt.expand(SAMPLES, -1), fwd_hooks=[("hook_embed", disturb), *hooks])).item()

        clean.append(measure(logits).item())
        corrupted.append(run([]))
        for site in SITES:
            for layer in range(layers):
                for position in range(prompt.shape[1]):
                    hooks = [restore(f"blocks.{other}.hook_{site}", position) for other in restored(site, layer, layers)]
                    cells[f"blocks.{layer}.hook_{site}@{position}"].append(run(hooks))
    return cells, clean, corrupted`;
