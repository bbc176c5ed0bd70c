import { jest } from '@jest/globals';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dailyLogFiles, removeExpired } from './log-directory.js';

describe('removeExpired', () => {
  let dir: string;
  const touch = (...names: string[]): void => names.forEach((name) => writeFileSync(join(dir, name), 'x\n'));

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'log-directory-'));
    jest.useFakeTimers({ now: new Date('2026-03-05T12:00:00Z') });
  });

  afterEach(() => {
    jest.useRealTimers();
    rmSync(dir, { recursive: true });
  });

  it('keeps today and as many days before, over the end of a month', () => {
    touch('2026-03-05.log', '2026-02-26.log', '2026-02-25.log', '2026-02-25.3.log', '2025-12-31.log.gz');
    removeExpired(dir, 7, true);
    expect(readdirSync(dir)).toEqual(['2026-02-26.log', '2026-03-05.log']);
  });

  it('keeps today only with 0', () => {
    touch('2026-03-05.log', '2026-03-05.1.log.gz', '2026-03-04.log', '2026-03-06.log');
    removeExpired(dir, 0, true);
    expect(readdirSync(dir)).toEqual(['2026-03-05.1.log.gz', '2026-03-05.log', '2026-03-06.log']);
  });

  it('keeps all with false', () => {
    touch('1999-01-01.log');
    removeExpired(dir, false, true);
    expect(readdirSync(dir)).toEqual(['1999-01-01.log']);
  });

  it('never touches what is not exactly one of ours', () => {
    touch('2020-02-30.log', '2020-13-01.log', '2020-01-01.txt', '2020-01-01.log.bak', 'app-2020-01-01.log');
    touch('2020-01-01.x.log', '2020-01-01.1.2.log', '2020-01-01.log.gz.tmp', '.audit.json', '2020-1-1.log');
    touch('2020-01-01.log\n', '2020-01-01xlog');
    mkdirSync(join(dir, '2020-01-01.log'));
    symlinkSync('.audit.json', join(dir, '2020-01-02.log'));
    const before = readdirSync(dir);
    removeExpired(dir, 7, true);
    expect(readdirSync(dir)).toEqual(before);
    expect(before).toHaveLength(14);
  });

  it('is quiet where the directory is gone', () => {
    expect(() => removeExpired(join(dir, 'gone'), 7, true)).not.toThrow();
  });

  it('finds nothing to keep it from removing in huge retentions', () => {
    touch('1999-01-01.log');
    expect(() => removeExpired(dir, Number.MAX_SAFE_INTEGER, true)).not.toThrow();
    expect(readdirSync(dir)).toEqual(['1999-01-01.log']);
  });

  it('counts days as the option says, local or UTC', () => {
    jest.setSystemTime(new Date('2026-03-05T02:00:00Z'));
    jest.spyOn(Date.prototype, 'getDate').mockReturnValue(4);
    touch('2026-03-04.log');
    expect(dailyLogFiles(dir, true).map((file) => file.age)).toEqual([1]);
    expect(dailyLogFiles(dir, false).map((file) => file.age)).toEqual([0]);
    jest.restoreAllMocks();
  });
});
