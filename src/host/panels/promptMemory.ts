/** What was typed and selected for each model, kept with the workspace: it outlives panel, host, window and engine. */
import type * as vscode from 'vscode';
import type { Prompt } from '../../shared/protocol/engineApi.ts';
import { object, orNull, text } from './check.ts';
import { prompt } from './params.ts';

export interface Remembered {
  readonly prompt: Prompt | null;
  readonly address: string | null;
}

/** What is read back may stem from another version. */
const check = object<Remembered>({ prompt: orNull(prompt), address: orNull(text(200)) });

export class PromptMemory {
  private readonly store: vscode.Memento;

  constructor(store: vscode.Memento) {
    this.store = store;
  }

  of(uri: vscode.Uri): Remembered {
    try {
      return check(this.store.get(keyOf(uri)), 'what was remembered');
    } catch {
      return { prompt: null, address: null };
    }
  }

  async keep(uri: vscode.Uri, change: Partial<Remembered>): Promise<void> {
    await this.store.update(keyOf(uri), { ...this.of(uri), ...change });
  }
}

const keyOf = (uri: vscode.Uri): string => `attention ${uri.toString()}`;
