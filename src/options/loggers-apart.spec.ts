import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogSink } from '../sinks/log-sink.interface.js';
import { MemoryStore } from '../store/memory-store.js';
import { checkApart } from './loggers-apart.js';
import { resolveOptions } from './resolve-options.js';
import type { SessionLoggerOptions } from './session-logger-options.js';

const CHAT = { files: { dir: 'logs' } };
const AUDIT = { name: 'audit', http: { path: 'audit' }, files: { dir: 'logs/audit' } };

const check = (...loggers: SessionLoggerOptions[]): void => checkApart(loggers.map(resolveOptions));
const sink = (): LogSink => ({ name: 'warehouse', write: () => {} });
const store = (location?: string): MemoryStore =>
  Object.assign(new MemoryStore(resolveOptions({}).limits), location !== undefined && { location });
const telemetry = { start: () => {}, activeSpan: () => undefined, delivered: () => {}, stop: () => {} };

/** Such as is thrown for an option. */
const errorOf = (option: string, text: RegExp) =>
  expect.objectContaining({
    code: 'INVALID_OPTIONS',
    details: { option },
    message: expect.stringMatching(text),
  });

describe('checkApart', () => {
  it('takes one logger, and several that share nothing', () => {
    expect(() => check({})).not.toThrow();
    expect(() => check(CHAT, AUDIT, { name: 'tools', http: false, files: false })).not.toThrow();
    expect(() =>
      check(
        { ...CHAT, store: store('a'), sinks: [sink()] },
        { ...AUDIT, store: store('b'), sinks: [sink()] },
      ),
    ).not.toThrow();
    expect(() => check({ ...CHAT, store: store() }, { ...AUDIT, store: store() })).not.toThrow();
  });

  it('refuses two without a name, and two of one name, and says how it is meant', () => {
    expect(() => check({}, {})).toThrow(
      errorOf('name', /two loggers without a name\. Import .*forRoot\(\) once, in the root module/),
    );
    expect(() => check(CHAT, AUDIT, { ...AUDIT, http: false })).toThrow(
      errorOf('name', /two loggers named 'audit'/),
    );
  });

  it.each([
    ['logs', 'logs'],
    ['logs', '/Logs/'],
    ['logs', 'logs/audit'],
    ['api/logs', 'api'],
  ])('refuses endpoints at %s and %s', (path, other) => {
    expect(() => check({ http: { path } }, { ...AUDIT, http: { path: other } })).toThrow(
      errorOf('http.path', /the loggers without a name and 'audit' have endpoints that overlap/),
    );
  });

  it.each([
    ['logs', 'logs-audit'],
    ['chat/logs', 'audit/logs'],
  ])('takes endpoints at %s and %s', (path, other) => {
    expect(() => check({ http: { path } }, { ...AUDIT, http: { path: other } })).not.toThrow();
  });

  it('takes equal paths where one of them is not served', () => {
    expect(() => check({ http: false }, { ...AUDIT, http: {} })).not.toThrow();
  });

  it('refuses one directory, however it is called, and takes one within the other', () => {
    const dir = mkdtempSync(join(tmpdir(), 'apart-'));
    try {
      mkdirSync(join(dir, 'logs'));
      symlinkSync(join(dir, 'logs'), join(dir, 'link'));
      for (const other of ['logs/', 'logs/x/..', 'link'])
        expect(() =>
          check({ files: { dir: join(dir, 'logs') } }, { ...AUDIT, files: { dir: `${dir}/${other}` } }),
        ).toThrow(errorOf('files.dir', /daily files in one directory, .*logs/));
      expect(() =>
        check(
          { files: { dir: join(dir, 'logs') } },
          { ...AUDIT, files: { dir: join(dir, 'logs', 'audit') } },
        ),
      ).not.toThrow();
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it('refuses one directory that is not there yet', () => {
    expect(() => check({ files: { dir: 'none/a' } }, { ...AUDIT, files: { dir: './none/b/../a' } })).toThrow(
      errorOf('files.dir', /none\/a/),
    );
  });

  it.each<[string, SessionLoggerOptions, SessionLoggerOptions]>([
    ['store', ...twice({ store: store() })],
    ['store', { store: store('Redis a') }, { store: store('Redis a') }],
    ['sinks', ...twice({ sinks: [sink()] })],
    ['telemetry', ...twice({ telemetry })],
  ])('refuses one %s for two', (option, mine, other) => {
    expect(() => check({ ...CHAT, ...mine }, { ...AUDIT, ...other })).toThrow(
      errorOf(option, /Make a .* for each/),
    );
  });
});

function twice<T>(options: T): [T, T] {
  return [options, options];
}
