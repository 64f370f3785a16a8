/** What the page asks of the host besides the model itself, and what is said when that fails. */
import { CogscopeError, sentence } from '../../src/shared/errors.ts';
import type { OverviewPanelApi } from '../../src/shared/protocol/panelApi.ts';
import type { SourceLine } from '../../src/shared/summary.ts';
import type { Host } from '../lib/connect.ts';
import type { Actions } from './actions.ts';
import { sourceWords } from './model/words.ts';
import type { PanelNotice } from './views/notices.ts';

export class HostRequests {
  private readonly host: Host<OverviewPanelApi>;
  private readonly show: (message: PanelNotice | undefined) => void;
  private readonly say: (text: string) => void;

  /** `show` puts a line under the toolbar, or takes it away; `say` tells a screen reader. */
  constructor(host: Host<OverviewPanelApi>, show: (message: PanelNotice | undefined) => void, say: (text: string) => void) {
    this.host = host;
    this.show = show;
    this.say = say;
  }

  actions(checks: Pick<Actions, 'runChecks' | 'cancelChecks'>): Actions {
    return {
      ...checks,
      openAttention: (address) => void this.ask(() => this.host.call('openAttention', { address })),
      command: (name) => void this.ask(() => this.host.call('command', { name })),
      openSource: (source) => void this.ask(() => this.openSource(source)),
      copy: (text) => void this.ask(async () => {
        await this.host.call('copy', { text });
        this.say(`Copied ${text}`);
      }),
    };
  }

  private async openSource(source: SourceLine): Promise<void> {
    if (await this.host.call('openSource', { source })) return;
    throw new CogscopeError('usage', `${sourceWords(source)} is not in this workspace`, `Open the folder that holds ${source.file}`);
  }

  private async ask(request: () => Promise<unknown>): Promise<void> {
    try {
      await request();
      this.show(undefined);
    } catch (thrown) {
      const error = CogscopeError.describe(thrown);
      if (error.code === 'cancelled') return;
      const text = sentence(error);
      this.show({ key: text, kind: error.code === 'usage' ? 'warning' : 'error', text, detail: error.detail });
    }
  }
}
