/** What each patching panel shows, kept with the workspace: it outlives panel, host, window and engine. */
import type * as vscode from 'vscode';
import type { Experiment } from '../../shared/experiment/experiment.ts';
import type { PatchingState } from '../../shared/protocol/panelApi.ts';
import { list, object, orNull, text } from './check.ts';
import { experiment } from './experimentParams.ts';

export interface PatchingMemo extends Pick<PatchingState, 'source'> {
  readonly model: string;
  readonly experiment: Experiment | null;
}

const LINE = 10_000;

/** What is read back may stem from another version. */
const check = object<PatchingMemo>({ model: text(LINE), experiment: orNull(experiment), source: orNull(object({ uri: text(LINE), name: text(LINE) })) });

/** Panels that were shown, the latest first. */
const SHOWN = 'patching panels';
const MOST = 20;
const checkShown = list(text(LINE), MOST);

/** A panel is known by its experiment's file, or by its model where the experiment has none. */
export class PatchingMemory {
  private readonly store: vscode.Memento;

  constructor(store: vscode.Memento) {
    this.store = store;
  }

  of(key: string): PatchingMemo | undefined {
    try {
      return check(this.store.get(keyOf(key)), 'what was remembered');
    } catch {
      return undefined;
    }
  }

  /** What has not been shown for long is forgotten. */
  async keep(key: string, memo: PatchingMemo): Promise<void> {
    await this.store.update(keyOf(key), memo);
    const shown = [key, ...this.shown.filter((other) => other !== key)];
    await this.store.update(SHOWN, shown.slice(0, MOST));
    await Promise.all(shown.slice(MOST).map((forgotten) => this.store.update(keyOf(forgotten), undefined)));
  }

  get shown(): readonly string[] {
    try {
      return checkShown(this.store.get(SHOWN, []), 'what was shown');
    } catch {
      return [];
    }
  }
}

const keyOf = (key: string): string => `patching ${key}`;
