/**
 * The form controls: VS Code's toolkit, which is archived, imported here and nowhere else, so that another library can take its
 * place. Imported for its effect: it defines the elements.
 */
import {
  provideVSCodeDesignSystem, vsCodeButton, vsCodeCheckbox, vsCodeDropdown, vsCodeOption, vsCodeProgressRing, vsCodeTextArea,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import type { Button, Checkbox, Dropdown, Option, ProgressRing, TextArea, TextField } from '@vscode/webview-ui-toolkit';

declare global {
  interface HTMLElementTagNameMap {
    'vscode-button': Button;
    'vscode-checkbox': Checkbox;
    'vscode-dropdown': Dropdown;
    'vscode-option': Option;
    'vscode-progress-ring': ProgressRing;
    'vscode-text-area': TextArea;
    'vscode-text-field': TextField;
  }
}

provideVSCodeDesignSystem().register(
  vsCodeButton(), vsCodeCheckbox(), vsCodeDropdown(), vsCodeOption(), vsCodeTextArea(), vsCodeTextField(),
);

/** Apart from the others, so that only the panel that shows it carries it. */
export function defineProgressRing(): void {
  provideVSCodeDesignSystem().register(vsCodeProgressRing());
}
