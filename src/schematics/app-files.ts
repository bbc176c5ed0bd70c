import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as TypeScript from 'typescript';

export type Compiler = typeof TypeScript;

/** Resolves and loads packages as files of the application in the current folder do. */
const requireOfApp = (): NodeJS.Require => createRequire(join(process.cwd(), 'package.json'));

/** TypeScript of the application; undefined where it has none, or one without the parser that is used here. */
export function loadCompiler(): Compiler | undefined {
  try {
    const compiler = requireOfApp()('typescript') as Partial<Compiler>;
    return typeof compiler.createSourceFile === 'function' ? (compiler as Compiler) : undefined;
  } catch {
    return undefined;
  }
}

/** Which of these packages the application has not installed. */
export function notInstalled(names: readonly string[]): string[] {
  const { resolve } = requireOfApp();
  return names.filter((name) => {
    try {
      resolve(name);
      return false;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
    }
  });
}
