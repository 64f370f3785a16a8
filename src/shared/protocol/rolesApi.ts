/** The engine's method for roles of heads. */
import type { RolesReport } from '../roles/roles.ts';

export interface RolesParams {
  /** Rows of random tokens. */
  readonly rows: number;
  /** Tokens of a stretch, which stands twice in a row; less where the context holds less. */
  readonly period: number;
  readonly seed: number;
}

export interface RolesProgress {
  /** What is being done, in a sentence without a full stop. */
  readonly what: string;
  readonly done: number;
  /** 0 where it is not known. */
  readonly of: number;
}

export interface RolesApi {
  /** Which heads have a role, by tests on rows of random tokens. Reports RolesProgress. */
  roles(params: RolesParams): Promise<RolesReport>;
}
