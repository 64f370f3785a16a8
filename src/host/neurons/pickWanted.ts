/** Says what lies where an index is to be made, and asks what is wanted, before anything is done with it. */
import * as vscode from 'vscode';
import { CogscopeError } from '../../shared/errors.ts';
import { counted } from '../../shared/format.ts';
import type { TextSource } from '../../shared/neurons/build.ts';
import type { NeuronIndexStanding } from '../../shared/neurons/figures.ts';
import { choose } from '../util/choose.ts';
import type { Choice } from '../util/choose.ts';
import { sizeOf } from './standing.ts';

export type Wanted =
  | { readonly kind: 'open' }
  /** `again`: why what lies there cannot be gone on with; empty where it can. */
  | { readonly kind: 'index'; readonly texts: 'same' | 'others'; readonly again: string };

/** `before`: the texts of the last time. Throws where what lies there is not ours to replace. */
export async function pickWanted(title: string, standing: NeuronIndexStanding, before: readonly TextSource[]): Promise<Wanted | undefined> {
  switch (standing.kind) {
    case 'none':
      return { kind: 'index', texts: 'others', again: '' };
    case 'usable':
      return standing.finished
        ? choose<Wanted>(title, `${sizeOf(standing)} of ${counted(standing.texts.length, 'text')} are indexed`, [{ label: '$(graph) Open a neuron…', value: { kind: 'open' } }, others('')])
        : choose<Wanted>(title, `An index was begun and not finished: ${sizeOf(standing)}`, [...same('$(debug-continue) Go on', before, ''), others('')]);
    case 'another':
      return pickAgain(title, standing.reason, before);
    case 'refused':
      if (!standing.rebuild) throw CogscopeError.from(standing.error);
      return pickAgain(title, standing.error.what, before);
    default:
      return standing satisfies never;
  }
}

const pickAgain = (title: string, why: string, before: readonly TextSource[]): Promise<Wanted | undefined> =>
  choose<Wanted>(title, `${why}: nothing can be read from it`, [...same('$(refresh) Make it again', before, why), others(why)]);

const same = (label: string, before: readonly TextSource[], again: string): readonly Choice<Wanted>[] =>
  (before.length === 0 ? [] : [{ label, description: namesOf(before), value: { kind: 'index', texts: 'same', again } }]);

const others = (again: string): Choice<Wanted> => ({
  label: again === '' ? '$(new-file) Choose texts…' : '$(new-file) Make it again over other texts…',
  ...(again === '' ? { description: 'what was indexed so far is lost where they are others' } : {}), value: { kind: 'index', texts: 'others', again },
});

const namesOf = (texts: readonly TextSource[]): string => (texts.length === 1 && texts[0] ? vscode.workspace.asRelativePath(texts[0].path) : counted(texts.length, 'file'));
