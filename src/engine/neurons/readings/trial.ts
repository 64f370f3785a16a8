/** How well readings tell on which tokens of a text a neuron fires. */
import { ruleLabel } from '../../../shared/neurons/readings.ts';
import type { NeuronReading, ReadingTrial, RuleTrial } from '../../../shared/neurons/readings.ts';
import { compile } from './rules.ts';
import type { Features, Traits } from './traits.ts';

/** Counts and sums over tokens. */
class Tally {
  private tokens = 0;
  private held = 0;
  private hits = 0;
  private fired = 0;
  private readonly sums = { x: 0, y: 0, xx: 0, yy: 0, xy: 0 };

  add(simulated: number, activation: number, fires: boolean): void {
    this.tokens++;
    const holds = simulated > 0;
    if (holds) this.held++;
    if (fires) this.fired++;
    if (holds && fires) this.hits++;
    this.sums.x += simulated;
    this.sums.y += activation;
    this.sums.xx += simulated * simulated;
    this.sums.yy += activation * activation;
    this.sums.xy += simulated * activation;
  }

  get result(): RuleTrial {
    const { tokens, held, hits, fired, sums: { x, y, xx, yy, xy } } = this;
    const spread = Math.sqrt(Math.max(xx - (x * x) / tokens, 0) * Math.max(yy - (y * y) / tokens, 0));
    return { holds: held, hits, precision: held > 0 ? hits / held : null, recall: fired > 0 ? hits / fired : null, correlation: spread > 0 ? (xy - (x * y) / tokens) / spread : null };
  }
}

export class Trial {
  private readonly rules: readonly { readonly label: string; readonly activation: number; readonly holds: (features: Features) => boolean; readonly tally: Tally }[];
  private readonly together = new Tally();
  private readonly threshold: number;
  private tokens = 0;
  private fires = 0;

  constructor(readings: readonly NeuronReading[], traits: Traits, threshold: number) {
    this.threshold = threshold;
    this.rules = readings.flatMap(({ rule, activation }) => (rule ? [{ label: ruleLabel(rule), activation, holds: compile(rule, traits), tally: new Tally() }] : []));
  }

  /**
   * One token. What a reading foretells is the mean activation of its examples where its rule holds, and 0 elsewhere; of several that hold, the largest. The
   * correlation of that with the activations is the score of Bills et al. 2023 ("Language models can explain neurons in language models"), with rules in the simulator's place.
   */
  add(features: Features, activation: number): void {
    const fires = activation >= this.threshold;
    this.tokens++;
    if (fires) this.fires++;
    let most = 0;
    for (const { activation: foretold, holds, tally } of this.rules) {
      const simulated = holds(features) ? foretold : 0;
      most = Math.max(most, simulated);
      tally.add(simulated, activation, fires);
    }
    this.together.add(most, activation, fires);
  }

  get result(): Omit<ReadingTrial, 'address'> {
    return { tokens: this.tokens, fires: this.fires, threshold: this.threshold, readings: this.rules.map(({ label, tally }) => ({ label, ...tally.result })), together: this.together.result };
  }
}
