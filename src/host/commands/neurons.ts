/** Opens the panel of a neuron: of the one it is called on, else of one that a person types. */
import * as vscode from 'vscode';
import { neuronAddress, parseShort } from '../../shared/addresses.ts';
import { count } from '../../shared/format.ts';
import type { ModelSummary } from '../../shared/summary.ts';
import { pickModel } from './pickModel.ts';
import type { Command } from './services.ts';
import { uriOf } from './target.ts';

const TITLE = 'Open Neuron';

export const openNeuron: Command = async ({ models, neurons }, argument) => {
  const uri = uriOf(argument) ?? models.focused?.uri ?? (await pickModel(TITLE));
  if (!uri) return;
  const given = addressIn(argument);
  if (given !== undefined) {
    await neurons.open(uri, given);
    return;
  }
  const reference = models.acquire(uri);
  try {
    const { state } = await reference.handle.settled();
    const address = state.kind === 'open' ? await typedAddress(state.summary, neurons.remembered(uri).address) : undefined;
    if (address !== undefined) await neurons.open(uri, address);
  } finally {
    reference.dispose();
  }
};

/** Links give an address, tree nodes and webviews carry one; that of a layer's neurons stands for the first. */
function addressIn(argument: unknown): string | undefined {
  const text = typeof argument === 'string' ? argument : (argument as { readonly address?: unknown } | null | undefined)?.address;
  if (typeof text !== 'string') return undefined;
  const [, tower = '', layer] = /^(?:(\w+)\.)?blocks\.(\d+)\.mlp\.hook_(?:pre|post)$/.exec(text) ?? [];
  if (layer !== undefined) return neuronAddress(tower, Number(layer), 0);
  return parseShort(text)?.kind === 'neuron' ? text : undefined;
}

function typedAddress({ towers }: ModelSummary, last: string): Promise<string | undefined> {
  const layers = towers.flatMap((tower) => tower.blocks.flatMap(({ index, mlp }) => (mlp ? [{ tower: tower.name, index, neurons: mlp.neurons }] : [])));
  const [first] = layers;
  if (!first) {
    void vscode.window.showInformationMessage('No MLP is known in this model, so that it has no neurons to open.');
    return Promise.resolve(undefined);
  }
  const example = neuronAddress(first.tower, first.index, 12);
  const sizes = `${count(layers.length)} layers with neurons, ${first.neurons === null ? 'unknown until run' : count(first.neurons)} each`;
  return Promise.resolve(vscode.window.showInputBox({
    title: TITLE, prompt: `Address of a neuron, such as ${example}: ${sizes}`, value: last === '' ? example : last,
    validateInput: (text) => {
      const short = parseShort(text.trim());
      if (short?.kind !== 'neuron') return `An address of a neuron looks like ${example}`;
      const layer = layers.find(({ tower, index }) => tower === short.tower && index === short.layer);
      if (!layer) return `There is no layer ${short.layer} with neurons`;
      return layer.neurons !== null && short.neuron >= layer.neurons ? `Layer ${short.layer} has ${count(layer.neurons)} neurons` : undefined;
    },
  })).then((text) => text?.trim());
}
