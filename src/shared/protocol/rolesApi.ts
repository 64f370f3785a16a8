/** The engine's method for roles of heads. */
import type { Experiment } from '../experiment/experiment.ts';
import type { RolesReport } from '../roles/roles.ts';

export interface RolesParams {
  /** Rows of random tokens. */
  readonly rows: number;
  /** Tokens of a stretch, which stands twice in a row; less where context or vocabulary hold less. */
  readonly period: number;
  readonly seed: number;
  /** Pairs with two names, and where they are measured; without it the roles that take names are not tested. */
  readonly pairs: Pick<Experiment, 'pairs' | 'position' | 'special'> | null;
}

export interface RolesProgress {
  /** What is being done, in a sentence without a full stop. */
  readonly what: string;
  readonly done: number;
  /** 0 where it is not known. */
  readonly of: number;
}

export interface RolesApi {
  /** Which heads have a role, by tests on rows of random tokens and on pairs of prompts. Reports RolesProgress. */
  roles(params: RolesParams): Promise<RolesReport>;
}
