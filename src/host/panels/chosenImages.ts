/** The image that was chosen for each model's attention panel. A panel knows it by a number and its file's name; where it lies only the host does. */
import * as vscode from 'vscode';
import { CogscopeError } from '../../shared/errors.ts';
import type { ChosenImage } from '../../shared/protocol/panelApi.ts';
import type { ModelHandle } from '../engine/modelHandle.ts';
import type { PromptMemory } from './promptMemory.ts';

export class ChosenImages {
  private readonly memory: PromptMemory;
  private readonly paths = new Map<string, string>();
  private next = 1;

  constructor(memory: PromptMemory) {
    this.memory = memory;
  }

  /** Asks for a file. Resolves with null where a person chooses none; rejects where the model cannot take it. */
  async choose(handle: ModelHandle, signal: AbortSignal): Promise<ChosenImage | null> {
    const before = this.memory.of(handle.uri).image;
    const [file] = (await vscode.window.showOpenDialog({
      title: 'Choose Image', openLabel: 'Choose', filters: { Images: ['png', 'jpg', 'jpeg'], 'All files': ['*'] }, ...(before === null ? {} : { defaultUri: vscode.Uri.file(before) }),
    })) ?? [];
    if (!file) return null;
    if (file.scheme !== 'file') throw new CogscopeError('usage', 'The image is not a file on the machine that runs the model', 'Save it there first');
    const chosen = await this.prepare(handle, file.fsPath, signal);
    await this.memory.keep(handle.uri, { image: file.fsPath });
    return chosen;
  }

  /** The one that was chosen last, as long as it can still be read. */
  async last(handle: ModelHandle, signal: AbortSignal): Promise<ChosenImage | null> {
    const path = this.memory.of(handle.uri).image;
    if (path === null || handle.model.state.kind !== 'open') return null;
    return this.prepare(handle, path, signal).catch(() => null);
  }

  /** Where an image lies. Throws 'usage' for one that was never chosen. */
  pathOf(id: string): string {
    const path = this.paths.get(id);
    if (path === undefined) throw new CogscopeError('usage', 'The image is no longer known', 'Choose it again');
    return path;
  }

  private async prepare(handle: ModelHandle, path: string, signal: AbortSignal): Promise<ChosenImage> {
    const prepared = await handle.call('prepareImage', { path }, { signal });
    const id = String(this.next++);
    this.paths.set(id, path);
    return { id, name: path.split(/[\\/]/).at(-1) ?? path, prepared };
  }
}
