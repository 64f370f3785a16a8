/** The Model view: the model that a person is looking at, as a tree. */
import * as vscode from 'vscode';
import { sentence } from '../../shared/errors.ts';
import type { ModelHandle } from '../engine/modelHandle.ts';
import type { Models } from '../engine/models.ts';
import { commandIds, views } from '../ids.ts';
import { indexShown } from '../neurons/indexShown.ts';
import type { NeuronIndexing } from '../neurons/indexing.ts';
import type { NeuronReader } from '../neurons/reader.ts';
import type { IndexShown } from '../neurons/standing.ts';
import type { RolesMemory } from '../roles/rolesMemory.ts';
import { roleLines, rolesOf } from '../roles/words.ts';
import { mayBeIndexed } from './treeIndex.ts';
import { findAddress, modelTree, parentsOf } from './treeModel.ts';
import type { HeadRoles, NodeKind, TreeNode } from './treeModel.ts';

const icons: Readonly<Record<NodeKind, string>> = {
  model: 'file-binary', tower: 'layers', layer: 'symbol-array', convolution: 'symbol-array', attention: 'group-by-ref-type', head: 'eye', mlp: 'graph',
  tensors: 'list-flat', tensor: 'arrow-small-right', refusals: 'warning', refusal: 'circle-slash',
  ranked: 'list-ordered', neuron: 'circle-filled', index: 'database', 'index-running': 'sync~spin', 'index-stale': 'warning', fact: 'dash',
};

const commands: { readonly [K in NodeKind]?: { readonly command: string; readonly title: string } } = {
  head: { command: commandIds.openHead, title: 'Open Head' },
  mlp: { command: commandIds.openNeuron, title: 'Open Neuron' },
  neuron: { command: commandIds.openNeuron, title: 'Open Neuron' },
};

/** Commands of these are about the model. */
const modelCommands: typeof commands = {
  model: { command: commandIds.inspectModel, title: 'Inspect Model' },
  index: { command: commandIds.indexNeurons, title: 'Index Neurons' },
  'index-running': { command: commandIds.indexNeurons, title: 'Pause Indexing' },
  'index-stale': { command: commandIds.indexNeurons, title: 'Index Neurons' },
};

/** What may be done with them depends on what they are, not only on their address. */
const ownMenus: ReadonlySet<NodeKind> = new Set<NodeKind>(['head', 'mlp', 'neuron']);

const NOT_READ: IndexShown = { kind: 'unread', why: 'The engine is asked for it' };

export interface ModelTreeServices {
  readonly models: Models;
  readonly roles: RolesMemory;
  readonly indexing: NeuronIndexing;
  readonly reader: NeuronReader;
}

/** Nodes that are open when they are first shown. */
const expanded: ReadonlySet<NodeKind> = new Set<NodeKind>(['model', 'tower']);

export class ModelTree implements vscode.TreeDataProvider<TreeNode>, vscode.Disposable {
  private readonly services: ModelTreeServices;
  private readonly view: vscode.TreeView<TreeNode>;
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly subscriptions: vscode.Disposable[];
  private ofHandle: vscode.Disposable | undefined;
  private shown: unknown;
  private root: TreeNode | undefined;
  private parents: ReadonlyMap<TreeNode, TreeNode> = new Map();
  private heads: HeadRoles = new Map();
  private index: IndexShown = NOT_READ;
  /** The last time that somebody asked for the index: what is told to earlier ones is of the past. */
  private asked: object | undefined;

  readonly onDidChangeTreeData = this.changed.event;

  constructor(services: ModelTreeServices) {
    this.services = services;
    const { models, roles, indexing } = services;
    this.view = vscode.window.createTreeView(views.model, { treeDataProvider: this, showCollapseAll: true });
    this.subscriptions = [
      this.view, this.changed, models.onDidChangeFocus(() => this.follow()), roles.onDidChange((model) => this.renewRoles(model)),
      indexing.onDidChange((model) => this.renewIndex(model)), this.view.onDidChangeVisibility(() => this.renewIndex(models.focused?.uri)),
    ];
    this.follow();
  }

  getChildren(node?: TreeNode): readonly TreeNode[] & TreeNode[] {
    const children = node ? node.children : this.root ? [this.root] : [];
    return [...children];
  }

  getParent(node: TreeNode): TreeNode | undefined {
    return this.parents.get(node);
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    const { None, Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(node.label, node.children.length === 0 ? None : expanded.has(node.kind) ? Expanded : Collapsed);
    item.id = node.id;
    item.description = node.description;
    item.tooltip = node.tooltip || undefined;
    item.iconPath = new vscode.ThemeIcon(icons[node.kind]);
    item.contextValue = ownMenus.has(node.kind) || node.address === null ? node.kind : 'address';
    item.accessibilityInformation = { label: [node.label, node.description].filter(Boolean).join(', ') };
    const command = commands[node.kind];
    if (command) item.command = { ...command, arguments: [node] };
    const ofModel = modelCommands[node.kind];
    if (ofModel) item.command = { ...ofModel, arguments: [this.services.models.focused?.uri] };
    return item;
  }

  /** Shows the node of an address. Resolves with whether the model has one. */
  async reveal(address: string): Promise<boolean> {
    const node = this.root && findAddress(this.root, address);
    if (!node) return false;
    await this.view.reveal(node, { select: true, focus: true, expand: true });
    return true;
  }

  dispose(): void {
    this.ofHandle?.dispose();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private follow(): void {
    this.ofHandle?.dispose();
    const handle = this.services.models.focused;
    this.ofHandle = handle?.onDidChange(() => this.show(handle));
    this.show(handle);
  }

  private show(handle: ModelHandle | undefined): void {
    const state = handle?.model.state;
    if (state === this.shown) {
      // An engine that rested, or was at work, may tell of the index now.
      if (handle?.model.engine.kind === 'ready') this.readIndex();
      return;
    }
    this.shown = state;
    this.heads = new Map();
    this.index = NOT_READ;
    this.view.description = handle?.title ?? '';
    this.view.message = state?.kind === 'error' ? sentence(state.error) : state?.kind === 'loading' ? `Reading ${handle?.title ?? ''}` : '';
    this.build();
    if (handle && state?.kind === 'open') void this.addRoles(handle);
    this.readIndex();
  }

  private build(): void {
    const handle = this.services.models.focused;
    const state = handle?.model.state;
    this.root = handle && state?.kind === 'open' ? modelTree(handle.title, state.summary, { roles: this.heads, index: mayBeIndexed(state.summary) ? this.index : null }) : undefined;
    this.parents = this.root ? parentsOf(this.root) : new Map();
    this.changed.fire();
  }

  private renewRoles(model: vscode.Uri): void {
    const handle = this.services.models.focused;
    if (handle?.uri.toString() === model.toString()) void this.addRoles(handle);
  }

  private async addRoles(handle: ModelHandle): Promise<void> {
    const { state } = handle.model;
    const named = await this.services.roles.of(handle.uri);
    // Another model may be looked at by now, or the file be another one.
    if (this.shown !== state || (named.length === 0 && this.heads.size === 0)) return;
    const addresses = [...new Set(named.map(({ address }) => address))];
    this.heads = new Map(addresses.map((address) => {
      const heads = named.filter((head) => head.address === address);
      return [address, { description: rolesOf(heads), lines: roleLines(heads) }];
    }));
    this.build();
  }

  private renewIndex(model: vscode.Uri | undefined): void {
    const { models, indexing } = this.services;
    if (!model || models.focused?.uri.toString() !== model.toString()) return;
    // Each chunk of text is told; the notification says how far it is.
    if (this.index.kind === 'running' && indexing.isRunning(model)) return;
    this.index = NOT_READ;
    this.readIndex();
  }

  /** Only for somebody who looks: the first time, all bytes of the model are held against the index. */
  private readIndex(): void {
    const handle = this.services.models.focused;
    if (handle && this.view.visible && this.index.kind === 'unread') void this.addIndex(handle);
  }

  private async addIndex(handle: ModelHandle): Promise<void> {
    const { state } = handle.model;
    if (state.kind !== 'open' || !mayBeIndexed(state.summary)) return;
    const asked = {};
    this.asked = asked;
    const { indexing, reader } = this.services;
    const index = await indexShown(handle, indexing, reader);
    if (this.shown !== state || this.asked !== asked) return;
    this.index = index;
    this.build();
  }
}
