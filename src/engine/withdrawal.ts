/** What is no longer shown because a check of it failed (house plan, decision 7). */
import type { Refusal } from '../shared/summary.ts';

/** The part of a block that a check is about. */
export type Part = 'attention' | 'q' | 'k' | 'cross' | 'cross-q' | 'cross-k' | 'mlp' | 'block';

interface Withdrawal {
  /** Of the addresses that are withdrawn; empty: of all, and of every run. */
  readonly prefix: string;
  readonly refusal: Refusal;
}

const parts: Readonly<Record<Part, { readonly hooks: string; readonly what: string }>> = {
  attention: { hooks: 'attn.', what: 'Attention' },
  q: { hooks: 'attn.hook_q', what: 'Queries' },
  k: { hooks: 'attn.hook_k', what: 'Keys' },
  cross: { hooks: 'cross_attn.', what: 'Cross attention' },
  'cross-q': { hooks: 'cross_attn.hook_q', what: 'Queries of cross attention' },
  'cross-k': { hooks: 'cross_attn.hook_k', what: 'Keys of cross attention' },
  mlp: { hooks: 'mlp.', what: 'The MLP' },
  block: { hooks: '', what: 'Everything' },
};

export class Withdrawals {
  private readonly list: Withdrawal[] = [];

  get refusals(): readonly Refusal[] {
    return this.list.map((withdrawal) => withdrawal.refusal);
  }

  /** Why one of these addresses is withdrawn, if any is. */
  of(...addresses: readonly string[]): Refusal | undefined {
    return this.list.find(({ prefix }) => addresses.some((address) => address.startsWith(prefix)))?.refusal;
  }

  /** Why nothing may be run any more. */
  get ofRuns(): Refusal | undefined {
    return this.list.find(({ prefix }) => prefix === '')?.refusal;
  }

  /** Takes back a part of a block (`blocks.3`). */
  add(block: string, part: Part, reason: string): Refusal {
    const { hooks, what } = parts[part];
    const tower = block.slice(0, block.indexOf('blocks.'));
    return this.push(`${block}.${hooks}`, { what: `${what} at layer ${block.slice(block.lastIndexOf('.') + 1)}${tower === '' ? '' : ` (${tower})`}`, reason });
  }

  addRuns(reason: string): Refusal {
    return this.push('', { what: 'Running the model', reason });
  }

  private push(prefix: string, refusal: Refusal): Refusal {
    if (!this.list.some((known) => known.prefix === prefix)) this.list.push({ prefix, refusal });
    return refusal;
  }
}
