import type * as TypeScript from 'typescript';
import type { Compiler } from './app-files.js';

const CALL = 'SessionLoggerModule.forRoot()';
const IS_IMPORTED = /\bimport\b[^;'"]*\bSessionLoggerModule\b[^;'"]*['"]nestjs-session-logger['"]/;
const IMPORT = `import { SessionLoggerModule } from 'nestjs-session-logger';`;

interface Insertion {
  readonly at: number;
  readonly text: string;
}

/**
 * Adds `SessionLoggerModule.forRoot()` to the imports of a module and imports it, in the style of the file.
 *
 * @param className of the module; the first of the file where it is left out
 * @returns undefined where its imports are none that something can be added to
 */
export function addToModule(
  ts: Compiler,
  source: TypeScript.SourceFile,
  className: string | undefined,
): string | undefined {
  const metadata = metadataOf(ts, source, className);
  const call = metadata && insertCall(ts, source, metadata);
  if (call === undefined) return undefined;
  return insert(source.text, IS_IMPORTED.test(source.text) ? [call] : [call, insertImport(ts, source)]);
}

/** Whether a file imports the module already. */
export function hasModule(text: string): boolean {
  return /['"]nestjs-session-logger['"]/.test(text) && /\bSessionLoggerModule\s*\.\s*forRoot/.test(text);
}

/** What `@Module` is given. */
function metadataOf(
  ts: Compiler,
  source: TypeScript.SourceFile,
  className: string | undefined,
): TypeScript.ObjectLiteralExpression | undefined {
  for (const statement of source.statements) {
    if (!ts.isClassDeclaration(statement)) continue;
    if (className !== undefined && statement.name?.text !== className) continue;
    for (const { expression } of ts.getDecorators(statement) ?? []) {
      if (!ts.isCallExpression(expression) || expression.expression.getText() !== 'Module') continue;
      const [metadata] = expression.arguments;
      if (metadata !== undefined && ts.isObjectLiteralExpression(metadata)) return metadata;
    }
  }
  return undefined;
}

function insertCall(
  ts: Compiler,
  source: TypeScript.SourceFile,
  metadata: TypeScript.ObjectLiteralExpression,
): Insertion | undefined {
  const imports = metadata.properties.find(({ name }) => name?.getText().replace(/['"]/g, '') === 'imports');
  if (imports === undefined) {
    const [first] = metadata.properties;
    const lead = first === undefined ? ' ' : leadOf(source, first);
    const end = first === undefined ? ' ' : ',';
    return { at: metadata.getStart() + 1, text: `${lead}imports: [${CALL}]${end}` };
  }
  if (!ts.isPropertyAssignment(imports) || !ts.isArrayLiteralExpression(imports.initializer))
    return undefined;
  const last = imports.initializer.elements.at(-1);
  if (last === undefined) return { at: imports.initializer.getStart() + 1, text: CALL };
  const lead = leadOf(source, last);
  return { at: last.getEnd(), text: `,${lead === '' ? ' ' : lead}${CALL}` };
}

/** The line break and indentation before a node, or the space. */
function leadOf(source: TypeScript.SourceFile, node: TypeScript.Node): string {
  return /(?:\r?\n[ \t]*|[ \t]*)$/.exec(source.text.slice(0, node.getStart()))![0];
}

/** Behind the last import, with its quotes, end and line break. */
function insertImport(ts: Compiler, source: TypeScript.SourceFile): Insertion {
  const newline = source.text.includes('\r\n') ? '\r\n' : '\n';
  const last = source.statements.findLast((statement) => ts.isImportDeclaration(statement));
  if (last === undefined) return { at: 0, text: IMPORT + newline };
  const quoted = last.getText().includes('"') ? IMPORT.replaceAll("'", '"') : IMPORT;
  const ended = last.getText().endsWith(';') ? quoted : quoted.slice(0, -1);
  return { at: last.getEnd(), text: newline + ended };
}

function insert(text: string, insertions: readonly Insertion[]): string {
  return insertions
    .toSorted((a, b) => b.at - a.at)
    .reduce((all, { at, text: inserted }) => all.slice(0, at) + inserted + all.slice(at), text);
}
