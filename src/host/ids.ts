/** Every name that package.json and the code share; a test holds the two against each other. */
export const viewTypes = { overview: 'cogscope.overview', attention: 'cogscope.attention', patching: 'cogscope.patching', neurons: 'cogscope.neurons', lens: 'cogscope.lens' } as const;

export const views = { model: 'cogscope.model' } as const;

/** The Testing view's list of experiments. */
export const testsId = 'cogscope.experiments';

export const commandIds = {
  inspectModel: 'cogscope.inspectModel',
  openAttention: 'cogscope.openAttention',
  openLens: 'cogscope.openLens',
  openExample: 'cogscope.openExample',
  openHead: 'cogscope.openHead',
  copyAddress: 'cogscope.copyAddress',
  revealInTree: 'cogscope.revealInTree',
  copyAsPython: 'cogscope.copyAsPython',
  runPromptLine: 'cogscope.runPromptLine',
  choosePromptModel: 'cogscope.choosePromptModel',
  showInCode: 'cogscope.showInCode',
  showInModel: 'cogscope.showInModel',
  useSelectionAsPrompt: 'cogscope.useSelectionAsPrompt',
  patch: 'cogscope.patch',
  runExperiment: 'cogscope.runExperiment',
  compareExperiment: 'cogscope.compareExperiment',
  experimentHistory: 'cogscope.experimentHistory',
  indexNeurons: 'cogscope.indexNeurons',
  importDescriptions: 'cogscope.importDescriptions',
  nameRoles: 'cogscope.nameRoles',
  openNeuron: 'cogscope.openNeuron',
  cancel: 'cogscope.cancel',
  reloadModel: 'cogscope.reloadModel',
  restartEngine: 'cogscope.restartEngine',
  engineActions: 'cogscope.engineActions',
  showLog: 'cogscope.showLog',
} as const;

export type CommandName = keyof typeof commandIds;

/** Names below `cogscope.` in the settings. */
export const settingNames = {
  threads: 'threads', idleMinutes: 'idleMinutes', specialTokens: 'specialTokens', tokenizer: 'tokenizer', checkModelsUpTo: 'checkModelsUpTo', codeLenses: 'codeLenses', shapeHints: 'shapeHints', promptLenses: 'promptLenses', neuronIndexFolder: 'neuronIndexFolder',
} as const;

/** Whether a model is open: what commands in menus depend on. */
export const modelOpenKey = 'cogscope.modelOpen';
