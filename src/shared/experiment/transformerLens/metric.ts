/** The metric in Python: a function from logits to one number, as experiment.ts defines it. */
import type { Experiment, Metric } from '../experiment.ts';
import { givenTo, hasText } from './prompts.ts';

const probability = 'logits.log_softmax(-1)[:, target]';

/** What it is, and the rows of it, [batch], from \`logits\`, [batch, vocabulary]. */
const rows: Readonly<Record<Metric, { readonly what: string; readonly of: string }>> = {
  'logit-difference': { what: 'the logit of the target less that of the distractor', of: 'logits[:, target] - logits[:, distractor]' },
  probability: { what: 'the probability of the target', of: `${probability}.exp()` },
  kl: { what: 'the Kullback-Leibler divergence from the clean run, in nats', of: '(clean.exp() * (clean - logits.log_softmax(-1))).sum(-1)' },
  rank: { what: 'the rank of the target, 1 for the first', of: '(logits > logits[:, target, None]).sum(-1) + 1.0' },
  loss: { what: 'minus the logarithm of the target’s probability', of: `-${probability}` },
};

export function metricFunction(experiment: Experiment): string {
  const { metric, pairs } = experiment;
  const id = (key: string): string => (hasText(experiment) ? `token(tokenizer, pair["clean"], pair["${key}"])` : `pair["${key}"]`);
  const given = givenTo(experiment);
  const distractors = pairs.filter(({ distractor }) => distractor !== undefined).length;
  const { what, of } = metric === 'logit-difference' ? withoutDistractor(distractors, pairs.length) : rows[metric];
  const against = metric === 'kl'
    ? [`    clean = bridge(tokens(${given}, pair["clean"]))[:, POSITION].log_softmax(-1)`]
    : [
        `    target = ${id('target')}`,
        ...(metric === 'logit-difference' && distractors > 0 ? [`    distractor = ${distractors === pairs.length ? id('distractor') : `[${id('distractor')}] if "distractor" in pair else []`}`] : []),
      ];
  return `def metric(${given}, pair):
    """From logits [batch, positions, vocabulary] to ${what}: a mean over the batch."""
${against.join('\n')}

    def measure(logits):
        logits = logits[:, POSITION]
        return (${of}).mean()

    return measure`;
}

/** Where not every pair has one. */
function withoutDistractor(distractors: number, pairs: number): { readonly what: string; readonly of: string } {
  if (distractors === pairs) return rows['logit-difference'];
  if (distractors === 0) return { what: 'the logit of the target', of: 'logits[:, target]' };
  return { what: 'the logit of the target, less that of the distractor where there is one', of: 'logits[:, target] - logits[:, distractor].sum(-1)' };
}
