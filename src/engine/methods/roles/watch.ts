/** Tells what is being done. */
import type { RolesProgress } from '../../../shared/protocol/rolesApi.ts';
import type { LossWatch } from './losses.ts';

export class Watch {
  private readonly progress: (body: RolesProgress) => void;

  constructor(progress: (body: RolesProgress) => void) {
    this.progress = progress;
  }

  counting(what: string, of: number): (done: number) => void {
    return (done) => this.progress({ what, done, of });
  }

  losses(what: string): LossWatch {
    return { step: (step) => this.progress({ what: step, done: 0, of: 0 }), cells: (done, of) => this.progress({ what, done, of }) };
  }
}
