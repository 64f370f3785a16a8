/**
 * Roles of heads, each given by a stated test: where a head attends, and what the answer loses without it.
 *
 * A head has a role where both numbers reach their thresholds and exceed their controls.
 */
export type Role = 'previous-token' | 'duplicate-token' | 'induction';

export interface RoleTest {
  /** "previous token". */
  readonly name: string;
  /** What its number of attention is: the mean over what is said here. */
  readonly attention: string;
  readonly attentionControl: string;
  readonly effect: string;
  readonly effectControl: string;
  readonly source: string;
}

/**
 * The least attention. Heads that are published with these roles have more: 0.41 the induction head of attn-only-2l, 0.51 the S-inhibition and 0.59 the name
 * mover heads of GPT-2 small (Wang et al. 2022, sections 3.1 and 3.2), on average.
 */
export const LEAST_ATTENTION = 0.3;
/** The least effect, as a share of the clean logit difference. The choice of this program: Wang et al. and Olsson et al. choose by eye. */
export const LEAST_EFFECT = 0.05;

const onRepeats = {
  effect: 'share of the logit difference between the token that comes next and another one of the stretch that is lost when the head’s output is replaced by its mean over the rows',
  effectControl: 'the same runs, for the two tokens of another row',
} as const;

const OLSSON = 'Olsson et al. 2022, "In-context Learning and Induction Heads"';

export const roleTests: Readonly<Record<Role, RoleTest>> = {
  'previous-token': {
    name: 'previous token', attention: 'from each token to the one before it', attentionControl: 'from each token to one before it that is drawn', ...onRepeats,
    source: `${OLSSON}, section “Argument 5”; previous_token_head of TransformerLens`,
  },
  'duplicate-token': {
    name: 'duplicate token', attention: 'in the second stretch, from each token to the same token in the first', attentionControl: 'the same places in rows whose second stretch is another one', ...onRepeats,
    source: 'Wang et al. 2022, "Interpretability in the Wild", section 3.3; duplicate_token_head of TransformerLens',
  },
  induction: {
    name: 'induction', attention: 'in the second stretch, from each token to the one behind the same token in the first', attentionControl: 'the same places in rows whose second stretch is another one', ...onRepeats,
    source: `${OLSSON}, section “Definition of induction heads” (prefix matching and copying); induction_head of TransformerLens`,
  },
};

export const roleNames = Object.keys(roleTests) as readonly Role[];

/** What a head scores in the test of a role. Attention is 0 to 1; effects are shares of the clean logit difference, positive where the answer is worse without the head. */
export interface HeadNumbers {
  readonly address: string;
  readonly attention: number;
  readonly attentionControl: number;
  readonly effect: number;
  readonly effectControl: number;
}

export interface HeadFinding extends HeadNumbers {
  readonly holds: boolean;
}

export interface RoleFinding {
  readonly role: Role;
  /** Why it could not be tested. */
  readonly untested: string | null;
  /** Every head, in the order of the model. */
  readonly heads: readonly HeadFinding[];
}

/** Rows of random tokens: a start token, a stretch, and the same stretch again. */
export interface RepeatsProtocol {
  readonly rows: number;
  readonly period: number;
  readonly seed: number;
  /** What the tokenizer puts in front, as text; empty where it puts nothing. */
  readonly start: readonly string[];
  /** Mean over the rows of logit(next token) − logit(another token of the stretch), before the last token; and its standard error. */
  readonly clean: number;
  readonly error: number;
}

export interface RolesReport {
  readonly repeats: RepeatsProtocol;
  readonly findings: readonly RoleFinding[];
  /** Runs of (part of) the model, each of one row. */
  readonly passes: number;
  readonly ms: number;
}
