/** What the status bar says of a model's engine. Pure. */
import { sentence } from '../../shared/errors.ts';
import type { EngineState, PanelModel } from '../../shared/protocol/panelApi.ts';

export interface StatusText {
  /** With VS Code's icon notation. */
  readonly text: string;
  /** One or two sentences. */
  readonly about: string;
  readonly severity: 'normal' | 'warning' | 'error';
}

function ofEngine(engine: EngineState, activity: string): StatusText {
  switch (engine.kind) {
    case 'stopped':
      return { text: '$(circle-outline) Cogscope: resting', about: 'The engine is not running; it starts when it is needed.', severity: 'normal' };
    case 'starting':
      return { text: '$(loading~spin) Cogscope: starting', about: 'The engine starts and reads the model.', severity: 'normal' };
    case 'ready':
      return { text: '$(pass) Cogscope: ready', about: 'The engine has nothing to do.', severity: 'normal' };
    case 'busy': {
      const what = activity === '' ? engine.what : `${engine.what} ${activity}`;
      return { text: `$(loading~spin) Cogscope: ${what}`, about: `The engine is ${what}.`, severity: 'normal' };
    }
    case 'restarting':
      return { text: `$(sync~spin) Cogscope: restarting (attempt ${engine.attempt})`, about: sentence(engine.error), severity: 'warning' };
    case 'failed':
      return { text: '$(error) Cogscope: engine failed', about: `${sentence(engine.error)} It is started again only by hand.`, severity: 'error' };
    default:
      return engine satisfies never;
  }
}

/** `activity` is "layer 3 of 12", or empty. */
export function statusText(model: PanelModel, activity: string): StatusText {
  if (model.engine.kind === 'failed') return ofEngine(model.engine, activity);
  if (model.state.kind === 'error') return { text: '$(warning) Cogscope: not readable', about: sentence(model.state.error), severity: 'warning' };
  if (model.changed) return { text: '$(warning) Cogscope: model changed', about: `${model.title} changed since it was opened. Reload it to see it as it is now.`, severity: 'warning' };
  return ofEngine(model.engine, activity);
}
