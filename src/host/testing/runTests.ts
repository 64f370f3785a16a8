/** Runs experiments for the Testing view: each file once, whichever of its expectations were asked for. */
import * as vscode from 'vscode';
import { CogscopeError, sentence } from '../../shared/errors.ts';
import { judge } from '../../shared/experiment/expect.ts';
import type { Verdict } from '../../shared/experiment/expect.ts';
import { readOrThrow } from '../experiments/readOrThrow.ts';
import { runOn } from '../experiments/runFile.ts';
import type { RunServices } from '../experiments/runFile.ts';

export async function runTests(controller: vscode.TestController, services: RunServices, request: vscode.TestRunRequest, token: vscode.CancellationToken, listAll: () => Promise<void>): Promise<void> {
  if (!request.include) await listAll();
  const run = controller.createTestRun(request);
  const abort = new AbortController();
  const cancelling = token.onCancellationRequested(() => abort.abort());
  try {
    const files = asked(controller, request);
    for (const children of files.values()) for (const child of children) run.enqueued(child);
    // One after the other: each has the machine to itself.
    for (const [file, children] of files) {
      if (token.isCancellationRequested) for (const child of children) run.skipped(child);
      else await runOne(services, run, file, children, abort.signal);
    }
  } finally {
    cancelling.dispose();
    run.end();
  }
}

/** The expectations that were asked for, by their files. */
function asked(controller: vscode.TestController, { include, exclude }: vscode.TestRunRequest): ReadonlyMap<vscode.TestItem, readonly vscode.TestItem[]> {
  const left = new Set(exclude ?? []);
  const files = new Map<vscode.TestItem, vscode.TestItem[]>();
  const add = (file: vscode.TestItem, child: vscode.TestItem): void => {
    if (left.has(file) || left.has(child)) return;
    files.set(file, [...files.get(file)?.filter((other) => other !== child) ?? [], child]);
  };
  for (const item of include ?? [...controller.items].map(([, file]) => file)) {
    if (item.parent) add(item.parent, item);
    // A file that cannot be read has no expectations to show, and fails as a whole.
    else if (item.children.size === 0) add(item, item);
    else item.children.forEach((child) => add(item, child));
  }
  return files;
}

async function runOne(services: RunServices, run: vscode.TestRun, file: vscode.TestItem, children: readonly vscode.TestItem[], signal: AbortSignal): Promise<void> {
  const { uri } = file;
  if (!uri) return;
  for (const child of children) run.started(child);
  const start = performance.now();
  try {
    const experiment = await readOrThrow(uri.fsPath);
    const outcome = await runOn(services, { uri, experiment }, signal);
    const ms = performance.now() - start;
    reportAll(run, children, judge(experiment.expect, { frame: outcome.frame, values: outcome }), ms);
  } catch (error) {
    const data = CogscopeError.describe(error);
    for (const child of children) {
      if (data.code === 'cancelled') run.skipped(child);
      else run.errored(child, placed(sentence(data), child), performance.now() - start);
    }
  }
}

/** Expectations are numbered in their ids. */
export function reportAll(run: vscode.TestRun, children: readonly vscode.TestItem[], verdicts: readonly Verdict[], ms: number): void {
  for (const child of children) report(run, child, verdicts[Number(child.id.split('#').at(-1))], ms);
}

function report(run: vscode.TestRun, item: vscode.TestItem, verdict: Verdict | undefined, ms: number): void {
  if (!verdict) run.errored(item, new vscode.TestMessage('This expectation is no longer in the file. Save the file and run it again.'), ms);
  else if (verdict.passed) run.passed(item, ms);
  else run.failed(item, placed(`${verdict.text}.`, item), ms);
  if (verdict) run.appendOutput(`${verdict.passed ? 'passed' : 'failed'}  ${verdict.text}\r\n`, undefined, item);
}

/** A message at the expectation's own line. */
function placed(text: string, item: vscode.TestItem): vscode.TestMessage {
  const message = new vscode.TestMessage(text);
  if (item.uri && item.range) message.location = new vscode.Location(item.uri, item.range);
  return message;
}
