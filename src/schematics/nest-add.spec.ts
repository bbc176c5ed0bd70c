import { cleanUp, onCleanUp } from '../../test/support/clean-up.js';
import { MemoryTree } from '../../test/support/memory-tree.js';
import { tempDir } from '../../test/support/temp-dir.js';
import { notInstalled } from './app-files.js';
import { nestAdd, type NestAddOptions } from './nest-add.js';

const MAIN = `import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const app = await NestFactory.create<NestExpressApplication>(AppModule);
`;
const APP = `import { Module } from '@nestjs/common';
import { AppService } from './app.service.js';

@Module({
  imports: [],
  providers: [AppService],
})
export class AppModule {}
`;

afterEach(cleanUp);

/** What the schematic says. */
function add(tree: MemoryTree, options: NestAddOptions = {}): string {
  const said: string[] = [];
  const tell = (text: string): number => said.push(text);
  nestAdd(options)(tree, { logger: { info: tell } });
  return said.join('\n');
}

/** What becomes of a module. */
function added(module: string): string {
  const tree = new MemoryTree({ 'src/app.module.ts': module });
  add(tree);
  return tree.readText('src/app.module.ts');
}

describe('nest add', () => {
  it('imports the module in that of the application, and says what comes next', () => {
    const tree = new MemoryTree({ 'src/main.ts': MAIN, 'src/app.module.ts': APP });
    expect(add(tree)).toMatch(/^Next: inject SessionLoggerService[^]*logs\/chat-1/);
    expect(tree.readText('src/app.module.ts')).toBe(`import { Module } from '@nestjs/common';
import { AppService } from './app.service.js';
import { SessionLoggerModule } from 'nestjs-session-logger';

@Module({
  imports: [SessionLoggerModule.forRoot()],
  providers: [AppService],
})
export class AppModule {}
`);
  });

  it('changes nothing the second time, and says so; nor where another module imports it', () => {
    const tree = new MemoryTree({ 'src/app.module.ts': APP });
    add(tree);
    const once = tree.readText('src/app.module.ts');
    expect(add(tree)).toBe('src/app.module.ts imports SessionLoggerModule already; nothing was changed.');
    expect(tree.readText('src/app.module.ts')).toBe(once);
    const own = `import { SessionLoggerModule } from "nestjs-session-logger";\nSessionLoggerModule.forRootAsync({});`;
    const other = new MemoryTree({
      'src/app.module.ts': APP,
      'src/logs/logs.module.ts': own,
      'src/a.spec.ts': own,
    });
    expect(add(other)).toContain('src/logs/logs.module.ts imports SessionLoggerModule already');
    expect(other.readText('src/app.module.ts')).toBe(APP);
  });

  it('is not led astray by tests and declarations', () => {
    const own = `import { SessionLoggerModule } from 'nestjs-session-logger'; SessionLoggerModule.forRoot();`;
    const tree = new MemoryTree({ 'src/app.module.ts': APP, 'src/a.spec.ts': own, 'src/a.d.ts': own });
    expect(add(tree)).toContain('Next');
  });

  it.each([
    ["from './chat.module'", 'apps/chat/src/chat.module.ts'],
    ["from './chat.module.js'", 'apps/chat/src/chat.module.ts'],
    ["from './chat.module.ts'", 'apps/chat/src/chat.module.ts'],
    ["from './chat'", 'apps/chat/src/chat/index.ts'],
  ])('finds the module that main.ts gives to Nest: %s', (from, path) => {
    const module = `${APP}\n@Module({})\nexport class ChatModule {}\n`;
    const main = MAIN.replace('{ AppModule }', '{ ChatModule as Root }')
      .replace("from './app.module.js'", from)
      .replace('(AppModule)', '(\n  Root,\n  new FastifyAdapter(),\n)');
    const tree = new MemoryTree({
      'apps/chat/src/main.ts': main,
      [path]: module,
      'apps/chat/src/app.module.ts': APP,
    });
    add(tree, { sourceRoot: 'apps/chat/src' });
    expect(tree.readText(path)).toContain(
      '@Module({ imports: [SessionLoggerModule.forRoot()] })\nexport class Chat',
    );
    expect(tree.readText('apps/chat/src/app.module.ts')).toBe(APP);
  });

  it.each([
    ['imports: [A]', 'imports: [A, SessionLoggerModule.forRoot()]'],
    [
      'imports: [A, B.forRoot({ a: [1] }), ]',
      'imports: [A, B.forRoot({ a: [1] }), SessionLoggerModule.forRoot(), ]',
    ],
    [
      '\n  imports: [\n    A,\n    B,\n  ],\n',
      '\n  imports: [\n    A,\n    B,\n    SessionLoggerModule.forRoot(),\n  ],\n',
    ],
    ["'imports': [...more]", "'imports': [...more, SessionLoggerModule.forRoot()]"],
    ['\n  providers: [A],\n', '\n  imports: [SessionLoggerModule.forRoot()],\n  providers: [A],\n'],
    [' providers: [] ', ' imports: [SessionLoggerModule.forRoot()], providers: [] '],
  ])('keeps the style of the file: %j', (before, after) => {
    expect(added(`@Module({${before}})\nclass AppModule {}\n`)).toBe(
      `import { SessionLoggerModule } from 'nestjs-session-logger';\n@Module({${after}})\nclass AppModule {}\n`,
    );
  });

  it('keeps quotes, ends of statements and line breaks', () => {
    expect(added('import { Module } from "@nestjs/common"\r\n\r\n@Module({})\r\nclass A {}\r\n')).toBe(
      'import { Module } from "@nestjs/common"\r\nimport { SessionLoggerModule } from "nestjs-session-logger"\r\n\r\n@Module({ imports: [SessionLoggerModule.forRoot()] })\r\nclass A {}\r\n',
    );
  });

  it('imports the name once', () => {
    const own = `import { SessionLoggerModule } from 'nestjs-session-logger';\n@Module({})\nclass A {}\n`;
    expect(added(own)).toBe(own.replace('{})', '{ imports: [SessionLoggerModule.forRoot()] })'));
  });

  it.each(['imports: modules', 'imports', '...base, imports: [A].concat(B)'])(
    'says what to do by hand where it cannot add to %s',
    (metadata) => {
      const tree = new MemoryTree({ 'src/app.module.ts': `@Module({ ${metadata} })\nclass A {}\n` });
      expect(() => add(tree)).toThrow(/^src\/app\.module\.ts has no @Module[^]*by hand:\n\n {2}import/);
    },
  );

  it('says what to do where there is no module', () => {
    expect(() => add(new MemoryTree({ 'src/index.ts': '' }))).toThrow(
      /No module was found[^]*--project NAME[^]*by hand/,
    );
  });

  it('says what to do where there is no TypeScript', () => {
    const before = process.cwd();
    onCleanUp(() => process.chdir(before));
    process.chdir(tempDir());
    expect(() => add(new MemoryTree({ 'src/app.module.ts': APP }))).toThrow(
      /TypeScript was not found[^]*by hand/,
    );
  });

  it('knows which packages are missing', () => {
    expect(notInstalled(['typescript', '@nestjs/none', 'class-validator'])).toEqual(['@nestjs/none']);
  });

  it.each([
    ['commonjs', { jest: '30' }, true],
    ['module', { jest: '30' }, false],
    [undefined, { vitest: '4' }, false],
    [undefined, { jest: '30' }, true],
  ])('tells of Jest in CommonJS: %s, %j', (type, devDependencies, isTold) => {
    const tree = new MemoryTree({
      'src/app.module.ts': APP,
      'package.json': JSON.stringify({ type, devDependencies }),
    });
    expect(add(tree).includes('its Jest needs')).toBe(isTold);
  });
});
