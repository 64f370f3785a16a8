/** Links of hovers that run one of our commands. Pure. */
export const commandLink = (command: string, argument: unknown): string => `command:${command}?${encodeURIComponent(JSON.stringify([argument]))}`;
