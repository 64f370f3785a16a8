/** What is wrong in experiments' files, as the editor shows it while somebody types. */
import * as vscode from 'vscode';
import { sentence } from '../../shared/errors.ts';
import { nameOf } from '../experiments/names.ts';
import { rangeIn } from './experimentDocuments.ts';
import type { ExperimentDocuments, ReadDocument } from './experimentDocuments.ts';

export function showProblems(documents: ExperimentDocuments): vscode.Disposable {
  const collection = vscode.languages.createDiagnosticCollection('cogscope');
  return vscode.Disposable.from(
    collection,
    documents.onDidRead((read) => collection.set(read.document.uri, diagnosticsOf(read))),
    documents.onDidClose((uri) => collection.delete(uri)),
  );
}

function diagnosticsOf({ document, path, json, problems }: ReadDocument): readonly vscode.Diagnostic[] {
  // The editor's own support of JSON marks what is none.
  if (json.broken.length > 0) return [];
  return problems.map(({ what, todo, file, line, range }) => {
    // A problem in the file of pairs is marked where that file is named.
    const isHere = file === path;
    const diagnostic = new vscode.Diagnostic(rangeIn(document, isHere ? range : json.rangeOf('/pairs')), sentence({ what, todo, where: isHere ? '' : `${nameOf({ path: file })}:${line}` }));
    diagnostic.source = 'Cogscope';
    return diagnostic;
  });
}
