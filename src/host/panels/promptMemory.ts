/** What was typed and selected for each model, and which models had a panel: kept with the workspace, it outlives panel, host, window and engine. */
import type * as vscode from 'vscode';
import type { Prompt } from '../../shared/protocol/engineApi.ts';
import { list, object, orNull, text, withOptional } from './check.ts';
import { prompt } from './promptParams.ts';

export interface Remembered {
  readonly prompt: Prompt | null;
  readonly address: string | null;
  /** Path of the image that was chosen last. */
  readonly image: string | null;
}

/** What is read back may stem from another version. */
const check = withOptional<Omit<Remembered, 'image'>, Pick<Remembered, 'image'>>(object({ prompt: orNull(prompt), address: orNull(text(200)) }), { image: orNull(text(4096)) });

/** Models whose panel was shown, the latest first. */
const SHOWN = 'attention panels';
const MOST_SHOWN = 20;
const checkShown = list(text(10_000), MOST_SHOWN);

export class PromptMemory {
  private readonly store: vscode.Memento;

  constructor(store: vscode.Memento) {
    this.store = store;
  }

  of(uri: vscode.Uri): Remembered {
    try {
      return { image: null, ...check(this.store.get(keyOf(uri)), 'what was remembered') };
    } catch {
      return { prompt: null, address: null, image: null };
    }
  }

  async keep(uri: vscode.Uri, change: Partial<Remembered>): Promise<void> {
    await this.store.update(keyOf(uri), { ...this.of(uri), ...change });
  }

  get shown(): readonly string[] {
    try {
      return checkShown(this.store.get(SHOWN, []), 'what was shown');
    } catch {
      return [];
    }
  }

  async keepShown(uri: vscode.Uri): Promise<void> {
    const model = uri.toString();
    await this.store.update(SHOWN, [model, ...this.shown.filter((other) => other !== model)].slice(0, MOST_SHOWN));
  }
}

const keyOf = (uri: vscode.Uri): string => `attention ${uri.toString()}`;
