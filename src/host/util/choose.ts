import * as vscode from 'vscode';

export interface Choice<T> extends vscode.QuickPickItem {
  readonly value: T;
}

/** One of a few; undefined where a person leaves. */
export const choose = async <T>(title: string, placeHolder: string, items: readonly Choice<T>[]): Promise<T | undefined> =>
  (await vscode.window.showQuickPick(items, { title, placeHolder, ignoreFocusOut: true }))?.value;
