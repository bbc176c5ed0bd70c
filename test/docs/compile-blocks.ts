import { resolve } from 'node:path';
import ts from 'typescript';
import type { MarkdownBlock } from './markdown-blocks.js';

const GIVEN = resolve('test/docs/given.d.ts');
/** Where code finds names that it does not import itself, the first first. */
const PACKAGES = [
  'nestjs-session-logger',
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/microservices',
  '@nestjs/platform-fastify',
  '@nestjs/websockets',
  'rxjs',
];
/** A method or a decorated one, which in a document stands without its class. */
const MEMBER =
  /^(?:@(?!Module|Injectable|Controller|WebSocketGateway)|(?:async )?\*?\w+\([^)]*\)(?:: [^{]+)? \{)/;

/** What the compiler has to say against blocks of TypeScript and JavaScript, each with its place in the document. */
export function compileBlocks(blocks: readonly MarkdownBlock[]): string[] {
  const options = compilerOptions();
  const files = new Map(
    blocks.map((block, at) => [resolve(`test/docs/block-${at}.${block.language}`), block]),
  );
  const sources = new Map([...files].map(([path, { code }]) => [path, wrapped(code)]));
  const names = exportsOf(options);
  for (const [path, code] of sources) sources.set(path, importsFor(code, names) + code);
  const host = virtualHost(options, sources);
  const program = ts.createProgram([GIVEN, ...sources.keys()], options, host);
  return [...files].flatMap(([path, block]) => {
    const source = program.getSourceFile(path);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(
      ({ messageText }) => `${block.place}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    );
  });
}

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile('tsconfig.json', (path) => ts.sys.readFile(path)) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, process.cwd());
  const lenient = { noUnusedLocals: false, noUnusedParameters: false, strictPropertyInitialization: false };
  const modules = { verbatimModuleSyntax: false, isolatedModules: false };
  const lib = [...(options.lib ?? []), 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'];
  return { ...options, ...lenient, ...modules, lib, allowJs: true, checkJs: true, noImplicitAny: false };
}

function virtualHost(options: ts.CompilerOptions, sources: ReadonlyMap<string, string>): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => sources.has(path) || fileExists(path);
  host.readFile = (path) => sources.get(path) ?? readFile(path);
  host.getSourceFile = (path, languageVersion, ...rest) => {
    const text = sources.get(path);
    if (text === undefined) return getSourceFile(path, languageVersion, ...rest);
    return ts.createSourceFile(path, text, languageVersion);
  };
  return host;
}

/** The names that packages export, each with its package. */
function exportsOf(options: ts.CompilerOptions): Map<string, string> {
  const path = resolve('test/docs/packages.ts');
  const source = PACKAGES.map((name, at) => `import * as p${at} from '${name}';`).join('\n');
  const program = ts.createProgram([path], options, virtualHost(options, new Map([[path, source]])));
  const checker = program.getTypeChecker();
  const names = new Map<string, string>();
  for (const statement of program.getSourceFile(path)!.statements.toReversed()) {
    if (!ts.isImportDeclaration(statement)) continue;
    const symbol = checker.getSymbolAtLocation(statement.moduleSpecifier)!;
    const from = (statement.moduleSpecifier as ts.StringLiteral).text;
    for (const { name } of checker.getExportsOfModule(symbol)) names.set(name, from);
  }
  return names;
}

/** Imports of what a block names and does not import or declare itself. */
function importsFor(code: string, names: ReadonlyMap<string, string>): string {
  const words = new Set(code.match(/(?<![.\w])[A-Za-z_]\w*/g));
  const own = new Set(
    code.match(/(?<=import [^;]*)\b\w+(?=[^;]*from)|(?<=(?:class|function|const|interface) )\w+/g),
  );
  const missing = [...names].filter(([name]) => words.has(name) && !own.has(name));
  return missing.map(([name, from]) => `import { ${name} } from '${from}'; `).join('') + 'export {}; ';
}

function wrapped(code: string): string {
  const body = code.replace(/^import [^;]*;\n/gm, '').trim();
  if (!MEMBER.test(body)) return code;
  const imports = code.match(/^import [^;]*;\n/gm)?.join('') ?? '';
  return `${imports}class Example { constructor(private readonly logs: SessionLoggerService) {}\n${body}\n}`;
}
