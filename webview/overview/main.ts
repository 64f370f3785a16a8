import '../lib/base.css';
import './overview.css';
import type { OverviewPanelApi } from '../../src/shared/protocol/panelApi.ts';
import { connectHost, keptState } from '../lib/connect.ts';
import { fromState } from './model/kept.ts';
import { OverviewPanel } from './panel.ts';

const host = connectHost<OverviewPanelApi>();
const panel = new OverviewPanel(host, document.getElementById('root') ?? document.body, fromState(keptState()));
host.on('model', (model) => panel.update(model));
host.on('reveal', ({ address }) => panel.reveal(address));
void panel.start();
