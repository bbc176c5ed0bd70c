import { addToModule, hasModule } from './add-to-module.js';
import { loadCompiler, notInstalled } from './app-files.js';
import { findAppModule, parse } from './find-module.js';
import type { SchematicContext, Tree } from './tree.js';

/** What `nest add` tells the schematic. */
export interface NestAddOptions {
  /** Where the sources of the application are, as `nest-cli.json` has it. Default `src`. */
  readonly sourceRoot?: string;
}

const BY_HAND = `Add it by hand:

  import { SessionLoggerModule } from 'nestjs-session-logger';

  @Module({ imports: [SessionLoggerModule.forRoot()] })
`;

const NEXT = `Next: inject SessionLoggerService and log into a session:

  await this.logs.logChunkToQueue('Hello', 'chat-1');

then follow it: curl -N http://localhost:3000/logs/chat-1
With NODE_ENV=production nobody may read until http.authorize or http.guards say who:
node_modules/nestjs-session-logger/docs/securing.md`;

const IN_COMMONJS = `This is a CommonJS application: its Jest needs a few lines to load an ES module, see "With Jest" in
node_modules/nestjs-session-logger/docs/testing.md`;

/** Packages that the application itself must have, beside those of each Nest application. */
const PEERS = ['@nestjs/event-emitter', 'class-validator', 'class-transformer'];

/**
 * `nest add nestjs-session-logger`: imports `SessionLoggerModule.forRoot()` in the module of the application.
 *
 * @throws Error where that cannot be done, with what to do by hand
 */
export function nestAdd({ sourceRoot = 'src' }: NestAddOptions) {
  return (tree: Tree, { logger }: SchematicContext): void => {
    const where = importedIn(tree, sourceRoot);
    if (where !== undefined) {
      logger.info(`${where} imports SessionLoggerModule already; nothing was changed.`);
      return;
    }
    addToApp(tree, sourceRoot);
    const missing = notInstalled(PEERS);
    if (missing.length > 0) logger.info(`First: npm install ${missing.join(' ')}`);
    logger.info(NEXT);
    if (hasJestInCommonJs(tree)) logger.info(IN_COMMONJS);
  };
}

function addToApp(tree: Tree, sourceRoot: string): void {
  const ts = loadCompiler();
  if (ts === undefined) {
    throw new Error(`TypeScript was not found, which is needed to change the module. ${BY_HAND}`);
  }
  const found = findAppModule(ts, tree, sourceRoot);
  if (found === undefined) {
    throw new Error(
      `No module was found that ${sourceRoot}/main.ts gives to NestFactory, nor ${sourceRoot}/app.module.ts. ` +
        `In a monorepo say which application: nest add nestjs-session-logger --project NAME. ${BY_HAND}`,
    );
  }
  const changed = addToModule(ts, parse(ts, tree, found.path), found.className);
  if (changed === undefined) {
    throw new Error(
      `${found.path} has no @Module({ imports: [ … ] }) that something can be added to. ${BY_HAND}`,
    );
  }
  tree.overwrite(found.path, changed);
}

/** The source that imports it, tests aside. */
function importedIn(tree: Tree, sourceRoot: string): string | undefined {
  let found: string | undefined;
  tree.getDir(sourceRoot).visit((path) => {
    if (/(?<!\.d|spec|test)\.ts$/.test(path) && hasModule(tree.readText(path))) found ??= path.slice(1);
  });
  return found;
}

function hasJestInCommonJs(tree: Tree): boolean {
  if (!tree.exists('package.json')) return false;
  const { type, devDependencies } = JSON.parse(tree.readText('package.json')) as {
    type?: string;
    devDependencies?: Record<string, string>;
  };
  return type !== 'module' && devDependencies?.['jest'] !== undefined;
}
