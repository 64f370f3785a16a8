/** The Model view: the model that a person is looking at, as a tree. */
import * as vscode from 'vscode';
import { sentence } from '../../shared/errors.ts';
import type { ModelHandle } from '../engine/modelHandle.ts';
import type { Models } from '../engine/models.ts';
import { commandIds, views } from '../ids.ts';
import type { RolesMemory } from '../roles/rolesMemory.ts';
import { roleLines, rolesOf } from '../roles/words.ts';
import { findAddress, modelTree, parentsOf } from './treeModel.ts';
import type { HeadRoles, NodeKind, TreeNode } from './treeModel.ts';

const icons: Readonly<Record<NodeKind, string>> = {
  model: 'file-binary', tower: 'layers', layer: 'symbol-array', convolution: 'symbol-array', attention: 'group-by-ref-type', head: 'eye', mlp: 'graph',
  tensors: 'list-flat', tensor: 'arrow-small-right', refusals: 'warning', refusal: 'circle-slash',
};

/** Nodes that are open when they are first shown. */
const expanded: ReadonlySet<NodeKind> = new Set<NodeKind>(['model', 'tower']);

export class ModelTree implements vscode.TreeDataProvider<TreeNode>, vscode.Disposable {
  private readonly models: Models;
  private readonly roles: RolesMemory;
  private readonly view: vscode.TreeView<TreeNode>;
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly subscriptions: vscode.Disposable[];
  private ofHandle: vscode.Disposable | undefined;
  private shown: unknown;
  private root: TreeNode | undefined;
  private parents: ReadonlyMap<TreeNode, TreeNode> = new Map();
  private roleCount = 0;

  readonly onDidChangeTreeData = this.changed.event;

  constructor(models: Models, roles: RolesMemory) {
    this.models = models;
    this.roles = roles;
    this.view = vscode.window.createTreeView(views.model, { treeDataProvider: this, showCollapseAll: true });
    this.subscriptions = [this.view, this.changed, models.onDidChangeFocus(() => this.follow()), roles.onDidChange((model) => this.renew(model))];
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
    item.contextValue = node.kind === 'head' || node.kind === 'mlp' ? node.kind : node.address === null ? node.kind : 'address';
    item.accessibilityInformation = { label: [node.label, node.description].filter(Boolean).join(', ') };
    if (node.kind === 'head') item.command = { command: commandIds.openHead, title: 'Open Head', arguments: [node] };
    if (node.kind === 'mlp') item.command = { command: commandIds.openNeuron, title: 'Open Neuron', arguments: [node] };
    if (node.kind === 'model') item.command = { command: commandIds.inspectModel, title: 'Inspect Model', arguments: [this.models.focused?.uri] };
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
    const handle = this.models.focused;
    this.ofHandle = handle?.onDidChange(() => this.show(handle));
    this.show(handle);
  }

  private show(handle: ModelHandle | undefined): void {
    const state = handle?.model.state;
    if (state === this.shown) return;
    this.shown = state;
    this.build(handle, new Map());
    if (handle && state?.kind === 'open') void this.addRoles(handle);
    this.view.description = handle?.title ?? '';
    this.view.message = state?.kind === 'error' ? sentence(state.error) : state?.kind === 'loading' ? `Reading ${handle?.title ?? ''}` : '';
    this.changed.fire();
  }

  private build(handle: ModelHandle | undefined, roles: HeadRoles): void {
    const state = handle?.model.state;
    this.root = handle && state?.kind === 'open' ? modelTree(handle.title, state.summary, roles) : undefined;
    this.parents = this.root ? parentsOf(this.root) : new Map();
    this.roleCount = roles.size;
  }

  private renew(model: vscode.Uri): void {
    const handle = this.models.focused;
    if (handle?.uri.toString() === model.toString()) void this.addRoles(handle);
  }

  private async addRoles(handle: ModelHandle): Promise<void> {
    const { state } = handle.model;
    const named = await this.roles.of(handle.uri);
    // Another model may be looked at by now, or the file be another one.
    if (this.models.focused !== handle || handle.model.state !== state || (named.length === 0 && this.roleCount === 0)) return;
    const addresses = [...new Set(named.map(({ address }) => address))];
    this.build(handle, new Map(addresses.map((address) => {
      const heads = named.filter((head) => head.address === address);
      return [address, { description: rolesOf(heads), lines: roleLines(heads) }];
    })));
    this.changed.fire();
  }
}
