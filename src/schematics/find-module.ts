import { posix } from 'node:path';
import type * as TypeScript from 'typescript';
import type { Compiler } from './app-files.js';
import type { Tree } from './tree.js';

/** The module of an application. */
export interface AppModuleFile {
  readonly path: string;
  /** Undefined where it is the only one of its file. */
  readonly className: string | undefined;
}

/**
 * Finds the module that `main.ts` of a folder of sources gives to `NestFactory`, else `app.module.ts`.
 *
 * @returns undefined where there is neither
 */
export function findAppModule(ts: Compiler, tree: Tree, sourceRoot: string): AppModuleFile | undefined {
  const main = posix.join(sourceRoot, 'main.ts');
  const given = tree.exists(main) ? givenToFactory(ts, parse(ts, tree, main)) : undefined;
  const found = given && fileOf(tree, posix.dirname(main), given.from);
  if (given !== undefined && found !== undefined) return { path: found, className: given.className };
  const path = posix.join(sourceRoot, 'app.module.ts');
  return tree.exists(path) ? { path, className: undefined } : undefined;
}

export function parse(ts: Compiler, tree: Tree, path: string): TypeScript.SourceFile {
  return ts.createSourceFile(path, tree.readText(path), ts.ScriptTarget.Latest, true);
}

/** What is imported by a name, and from where. */
function givenToFactory(
  ts: Compiler,
  source: TypeScript.SourceFile,
): { className: string; from: string } | undefined {
  const [, local] = /\bNestFactory\s*\.\s*create\w*\s*(?:<[^()]*>)?\(\s*(\w+)/.exec(source.text) ?? [];
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const names = statement.importClause?.namedBindings;
    if (names === undefined || !ts.isNamedImports(names)) continue;
    const name = names.elements.find((element) => element.name.text === local);
    if (name === undefined) continue;
    return { className: (name.propertyName ?? name.name).text, from: statement.moduleSpecifier.text };
  }
  return undefined;
}

/** An import leaves the ending out, or has that of the compiled file. */
function fileOf(tree: Tree, dir: string, from: string): string | undefined {
  if (!from.startsWith('.')) return undefined;
  const path = posix.join(dir, from).replace(/\.[jt]s$/, '');
  return [`${path}.ts`, `${path}/index.ts`].find((candidate) => tree.exists(candidate));
}
