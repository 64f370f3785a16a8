#!/usr/bin/env node
/** The command line's entry: `cogscope COMMAND …`. */
import { runCli } from './cli.ts';
import { Interrupts } from './interrupts.ts';
import { processTerminal } from './terminal.ts';

// Set, not exited with: what is still on its way to a pipe must arrive.
process.exitCode = await runCli(process.argv.slice(2), processTerminal(), Interrupts.listen());
