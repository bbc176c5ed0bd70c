import { jest } from '@jest/globals';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { LogEntry } from '../../entry/log-entry.js';
import type { FileSystem } from './confirming-fs.js';
import { QUIET_MS } from './file-archive.js';
import { readLogFiles } from './read-log-files.js';
import { DailyFileSink, type DailyFileOptions } from './daily-file.sink.js';

/** Everything but Date, so that real files go on working. */
const REAL_TIMERS = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
] as const;
const HOUR_MS = 60 * 60 * 1000;

const setClock = (now: string): void => {
  jest.setSystemTime(new Date(now));
};

/** Moves the process's time zone, of which a test cannot know where it runs. */
function setHoursBehindUtc(hours: number): void {
  const local = (date: Date): Date => new Date(date.getTime() - hours * HOUR_MS);
  jest.spyOn(Date.prototype, 'getFullYear').mockImplementation(function (this: Date) {
    return local(this).getUTCFullYear();
  });
  jest.spyOn(Date.prototype, 'getMonth').mockImplementation(function (this: Date) {
    return local(this).getUTCMonth();
  });
  jest.spyOn(Date.prototype, 'getDate').mockImplementation(function (this: Date) {
    return local(this).getUTCDate();
  });
}

/** A file system that takes `limit(n)` bytes at its n-th write, and with none fails as on a full disk. */
function takingBytes(limit: (nth: number) => number): FileSystem {
  type Done = (error: Error | null, written: number, data: Buffer) => void;
  let nth = 0;
  const write = (fd: number, data: Buffer, offset: number, length: number, at: null, done: Done): void => {
    const taken = Math.min(length, limit(++nth));
    if (taken > 0) fs.write(fd, data, offset, taken, at, done);
    else done(Object.assign(new Error('no space'), { code: 'ENOSPC' }), 0, data);
  };
  return { ...fs, write: write as unknown as FileSystem['write'] };
}

/** A file system that is full after `bytes` bytes, for once. */
const fullAfter = (bytes: number): FileSystem => takingBytes((nth) => [bytes, 0][nth - 1] ?? Infinity);

describe('DailyFileSink', () => {
  let root: string;
  let dir: string;
  let sinks: DailyFileSink[];
  /** Kind, what and error of what was told. */
  let troubles: [string, string, unknown][];

  beforeEach(() => {
    root = fs.mkdtempSync(join(tmpdir(), 'daily-file-'));
    dir = join(root, 'logs');
    sinks = [];
    troubles = [];
    jest.useFakeTimers({ now: new Date('2026-11-22T12:00:00Z'), doNotFake: [...REAL_TIMERS] });
  });

  afterEach(async () => {
    await Promise.all(sinks.map((sink) => sink.close()));
    jest.restoreAllMocks();
    jest.useRealTimers();
    fs.rmSync(root, { recursive: true });
  });

  const DEFAULTS = {
    retention: 7,
    format: 'json',
    maxSize: undefined,
    compress: false,
    durability: 'os',
    utc: true,
  } as const;

  function open(options: Partial<DailyFileOptions> = {}, real?: FileSystem): DailyFileSink {
    const tell = (...trouble: [string, string, unknown]): void => void troubles.push(trouble);
    const sink = new DailyFileSink({ dir, ...DEFAULTS, ...options }, tell, real);
    sinks.push(sink);
    sink.start();
    return sink;
  }

  let uid = 0;
  const entries = (...messages: string[]): LogEntry[] =>
    messages.map((message) => new LogEntry(`p-${++uid}`, 's1', message));
  const numbers = (from: number, to: number): string[] =>
    Array.from({ length: to - from }, (_, at) => String(from + at));

  const read = (name: string): string => {
    const bytes = fs.readFileSync(join(dir, name));
    return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  };
  /** The messages in a file, every line of which must be an entry. */
  const messagesIn = (name: string): string[] =>
    read(name)
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => (JSON.parse(line) as LogEntry).message);
  const files = (): string[] => fs.readdirSync(dir);
  /** As if nobody wrote to them from now on, on the clock of the test. */
  const makeQuiet = (): void =>
    files().forEach((name) => fs.utimesSync(join(dir, name), new Date(), new Date()));

  describe('writing', () => {
    it('has the lines on disk when write resolves', async () => {
      await open().write(entries('a', 'b'));
      expect(read('2026-11-22.log')).toMatch(/^\{.*"message":"a"\}\n\{.*"message":"b"\}\n$/);
    });

    it('keeps the order over many batches, also when they overlap', async () => {
      const sink = open();
      const batches = numbers(0, 200).map((batch) => numbers(Number(batch) * 50, Number(batch) * 50 + 50));
      await Promise.all(batches.map((batch) => sink.write(entries(...batch))));
      expect(messagesIn('2026-11-22.log')).toEqual(numbers(0, 10_000));
    });

    it('waits for every byte where the file takes one at a time', async () => {
      const sink = open(
        {},
        takingBytes(() => 1),
      );
      await sink.write(entries('Grüße 👋'));
      expect(messagesIn('2026-11-22.log')).toEqual(['Grüße 👋']);
      await sink.write(entries('next'));
      expect(messagesIn('2026-11-22.log')).toEqual(['Grüße 👋', 'next']);
    });

    it('takes a large message', async () => {
      await open().write(entries('x'.repeat(10_000_000), 'next'));
      expect(messagesIn('2026-11-22.log')).toEqual(['x'.repeat(10_000_000), 'next']);
    });

    it('writes no more than about 16 MiB at once, as a text has a greatest length', async () => {
      const lengths: number[] = [];
      const write = ((fd: number, data: Buffer, offset: number, length: number, ...rest: unknown[]) => {
        lengths.push(length);
        (fs.write as (...all: unknown[]) => void)(fd, data, offset, length, ...rest);
      }) as FileSystem['write'];
      const sink = open({}, { ...fs, write });
      const large = ['a', 'b', 'c', 'd', 'e'].map((one) => one.repeat(6_000_000));
      await sink.write(entries(...large));
      expect(lengths.map((length) => Math.round(length / 1_000_000))).toEqual([12, 12, 6]);
      sink.writeSync(entries(...large));
      expect(messagesIn('2026-11-22.log')).toEqual([...large, ...large]);
    });

    it('writes nothing for an empty batch', async () => {
      await open().write([]);
      expect(files()).toEqual([]);
    });

    it('writes text lines', async () => {
      await open({ format: 'text' }).write(entries('a\nb'));
      expect(read('2026-11-22.log')).toBe('2026-11-22T12:00:00.000Z CHAT    s1 a\\nb\n');
    });

    it('goes on in the file of an earlier run, after its torn line', async () => {
      fs.mkdirSync(dir);
      fs.writeFileSync(join(dir, '2026-11-22.log'), '{"message":"whole"}\n{"mess');
      await open().write(entries('a'));
      expect(read('2026-11-22.log')).toMatch(/^\{"message":"whole"\}\n\{"mess\n\{.*"message":"a"\}\n$/);
    });

    it('leaves no other file behind', async () => {
      await open().write(entries('a'));
      expect(files()).toEqual(['2026-11-22.log']);
    });
  });

  describe('flush and close', () => {
    it('flush waits for what was written before', async () => {
      const sink = open();
      const written = sink.write(entries('a'));
      await sink.flush();
      expect(messagesIn('2026-11-22.log')).toEqual(['a']);
      await written;
    });

    it('close finishes the writes begun, and may be called again', async () => {
      const sink = open();
      const written = sink.write(entries('a'));
      await Promise.all([sink.close(), sink.close()]);
      expect(messagesIn('2026-11-22.log')).toEqual(['a']);
      await written;
    });

    it('has no file open after close, rotated ones included', async () => {
      let closed = 0;
      const close = ((fd: number, done: fs.NoParamCallback) =>
        fs.close(fd, (error) => {
          closed++;
          done(error);
        })) as FileSystem['close'];
      const sink = open({}, { ...fs, close });
      await sink.write(entries('a'));
      setClock('2026-11-23T12:00:00Z');
      await sink.write(entries('b'));
      await sink.close();
      expect(closed).toBe(2);
    });

    it('refuses what comes after close', async () => {
      const sink = open();
      await sink.close();
      await expect(sink.write(entries('a'))).rejects.toMatchObject({ code: 'CLOSED' });
      expect(files()).toEqual([]);
    });
  });

  describe('midnight', () => {
    it('UTC: begins a file', async () => {
      setHoursBehindUtc(8);
      const sink = open({ utc: true });
      setClock('2026-11-22T23:59:59.999Z');
      await sink.write(entries('before'));
      setClock('2026-11-23T00:00:00.000Z');
      await sink.write(entries('after'));
      expect(messagesIn('2026-11-22.log')).toEqual(['before']);
      expect(messagesIn('2026-11-23.log')).toEqual(['after']);
    });

    it('local: begins a file', async () => {
      setHoursBehindUtc(8);
      const sink = open({ utc: false });
      for (const now of ['2026-11-23T00:00:00Z', '2026-11-23T07:59:59.999Z', '2026-11-23T08:00:00Z']) {
        setClock(now);
        await sink.write(entries(now));
      }
      expect(messagesIn('2026-11-22.log')).toEqual(['2026-11-23T00:00:00Z', '2026-11-23T07:59:59.999Z']);
      expect(messagesIn('2026-11-23.log')).toEqual(['2026-11-23T08:00:00Z']);
    });

    it.each([false, true])(
      'loses nothing when the clock is set back over it (compress: %s)',
      async (compress) => {
        const sink = open({ compress });
        await sink.write(entries('a'));
        makeQuiet();
        setClock('2026-11-23T00:00:00Z');
        await sink.write(entries('b'));
        setClock('2026-11-22T23:59:59Z');
        await sink.write(entries('c'));
        setClock('2026-11-23T00:00:00Z');
        await sink.write(entries('d'));
        await sink.close();
        expect(files().flatMap(messagesIn).toSorted()).toEqual(['a', 'b', 'c', 'd']);
      },
    );
  });

  describe('maxSize', () => {
    it.each([2048, '2k'])(
      'begins a file where one has grown larger, and loses nothing (%s)',
      async (maxSize) => {
        const sink = open({ maxSize });
        for (let batch = 0; batch < 30; batch++)
          await sink.write(entries(...numbers(batch * 5, batch * 5 + 5)));
        await sink.close();
        expect(files()).toContain('2026-11-22.2.log');
        const all = files().flatMap(messagesIn).map(Number);
        expect(all.toSorted((a, b) => a - b).map(String)).toEqual(numbers(0, 150));
      },
    );

    it('begins to number anew at midnight', async () => {
      setClock('2026-11-22T23:59:00Z');
      const sink = open({ maxSize: '1k' });
      const write = (): Promise<void> => sink.write(entries('x'.repeat(2_000)));
      await write();
      await write();
      setClock('2026-11-23T00:01:00Z');
      await write();
      await write();
      expect(files()).toEqual(['2026-11-22.1.log', '2026-11-22.log', '2026-11-23.1.log', '2026-11-23.log']);
    });

    it('goes on with the last file after a restart', async () => {
      for (let run = 0; run < 10; run++) {
        const sink = open({ maxSize: '1k' });
        await sink.write(entries(...numbers(run * 5, run * 5 + 5)));
        await sink.close();
      }
      expect(files().length).toBeGreaterThan(2);
      const all = files().flatMap(messagesIn).map(Number);
      expect(all.toSorted((a, b) => a - b).map(String)).toEqual(numbers(0, 50));
    });
  });

  describe('compress', () => {
    it('numbers on after a restart on the same day, and compresses all files of a day that is over', async () => {
      const messages = numbers(0, 40).map((one) => one.padEnd(200, '.'));
      for (const at of [0, 20]) {
        const sink = open({ compress: true, maxSize: '1k' });
        for (const message of messages.slice(at, at + 20)) await sink.write(entries(message));
        await sink.close();
      }
      const count = files().length;
      expect(count).toBeGreaterThan(5);
      expect(files().filter((name) => name.endsWith('.gz'))).toEqual([]);
      makeQuiet();
      setClock('2026-11-23T12:00:00Z');
      const sink = open({ compress: true, maxSize: '1k' });
      await sink.write(entries('next'));
      await sink.close();
      expect(files().filter((name) => name.endsWith('.gz'))).toHaveLength(count);
      const found: string[] = [];
      for await (const { message } of readLogFiles({ dir })) found.push(message);
      expect(found).toEqual([...messages, 'next']);
    });

    it('leaves archives of the files that another follows', async () => {
      const sink = open({ compress: true });
      await sink.write(entries('a', 'b'));
      makeQuiet();
      setClock('2026-11-23T12:00:00Z');
      await sink.write(entries('c'));
      await sink.close();
      expect(files()).toEqual(['2026-11-22.log.gz', '2026-11-23.log']);
      expect(messagesIn('2026-11-22.log.gz')).toEqual(['a', 'b']);
    });

    it('leaves a file alone that was written to just before midnight, and takes it ten minutes later', async () => {
      const kept = REAL_TIMERS.filter((name) => !name.endsWith('Timeout'));
      jest.useFakeTimers({ now: new Date('2026-11-22T23:59:59Z'), doNotFake: [...kept] });
      const sink = open({ compress: true });
      await sink.write(entries('a'));
      makeQuiet();
      setClock('2026-11-23T00:00:01Z');
      await sink.write(entries('b'));
      expect(files()).toEqual(['2026-11-22.log', '2026-11-23.log']);
      await open({ compress: true }).close();
      expect(jest.getTimerCount()).toBe(1);
      jest.advanceTimersByTime(QUIET_MS);
      await sink.close();
      expect(files()).toEqual(['2026-11-22.log.gz', '2026-11-23.log']);
    });

    it('takes the files that an earlier run left', async () => {
      fs.mkdirSync(dir);
      fs.writeFileSync(join(dir, '2026-11-21.log'), '{"message":"old"}\n');
      fs.writeFileSync(join(dir, '2026-11-22.log'), '{"message":"today"}\n');
      setClock('2026-11-22T11:00:00Z');
      makeQuiet();
      setClock('2026-11-22T12:00:00Z');
      await open({ compress: true }).close();
      expect(files()).toEqual(['2026-11-21.log.gz', '2026-11-22.log']);
      expect(messagesIn('2026-11-21.log.gz')).toEqual(['old']);
    });
  });

  describe('retention', () => {
    const touch = (...names: string[]): void =>
      names.forEach((name) => fs.writeFileSync(join(dir, name), '\n'));

    it('removes what is past it at start and at midnight, and nothing else', async () => {
      fs.mkdirSync(dir);
      touch(
        '2026-11-14.log',
        '2026-11-14.1.log.gz',
        '2026-11-15.log',
        '2026-11-16.log',
        'app.log',
        'notes.txt',
      );
      const sink = open();
      expect(files()).toEqual(['2026-11-15.log', '2026-11-16.log', 'app.log', 'notes.txt']);
      await sink.write(entries('a'));
      setClock('2026-11-23T00:00:00Z');
      await sink.write(entries('b'));
      expect(files()).toEqual(['2026-11-16.log', '2026-11-22.log', '2026-11-23.log', 'app.log', 'notes.txt']);
    });

    it('removes at the first write of a sink that waited for days', async () => {
      fs.mkdirSync(dir);
      touch('2026-11-16.log');
      const sink = open();
      setClock('2026-11-25T00:00:00Z');
      await sink.write(entries('a'));
      expect(files()).toEqual(['2026-11-25.log']);
    });

    it('holds over restarts with other options', async () => {
      const first = open({ retention: false });
      await first.write(entries('a'));
      await first.close();
      setClock('2026-11-25T12:00:00Z');
      await open({ retention: 3, format: 'text' }).close();
      expect(files()).toEqual(['2026-11-22.log']);
      await open({ retention: 2, maxSize: '1m' }).close();
      expect(files()).toEqual([]);
    });
  });

  describe('a directory that cannot be used', () => {
    it('is refused at start, by the name of the option and with the remedy', () => {
      fs.writeFileSync(join(root, 'file'), '');
      const refused = expect.objectContaining({
        code: 'INVALID_OPTIONS',
        message: expect.stringMatching(/files\.dir.*ENOTDIR.*files: false/),
      });
      expect(() => open({ dir: join(root, 'file', 'logs') })).toThrow(refused);
    });

    it.each(['file', 'a<b', 'a|b', 'a\nb', '%DATE%'])('%j is refused', (name) => {
      fs.writeFileSync(join(root, 'file'), '');
      const refused = expect.objectContaining({ code: 'INVALID_OPTIONS' });
      expect(() => open({ dir: join(root, name) })).toThrow(refused);
      expect(fs.readdirSync(root)).toEqual(['file']);
    });
  });

  describe('after a failed write', () => {
    const hasFailed = async (sink: DailyFileSink): Promise<void> => {
      while (sink.failure === undefined) await new Promise(setImmediate);
    };

    it('goes on at the line at which it stopped, so that none is torn, lost or doubled', async () => {
      const sink = open({}, fullAfter(150));
      const written = [sink.write(entries('a', 'b')), sink.write(entries('c'))];
      await hasFailed(sink);
      expect(sink.failure).toMatchObject({ code: 'ENOSPC' });
      expect(read('2026-11-22.log')).toMatch(/"message":"a"\}\n$/);
      await Promise.all(written);
      expect(sink.failure).toBeUndefined();
      expect(messagesIn('2026-11-22.log')).toEqual(['a', 'b', 'c']);
      expect(troubles).toEqual([['file', expect.any(String), expect.objectContaining({ code: 'ENOSPC' })]]);
    });

    it('begins a line of its own where the torn one could not be taken off the file', async () => {
      const ftruncateSync = (): void => {
        throw new Error('EPERM');
      };
      const sink = open({}, { ...fullAfter(150), ftruncateSync });
      await sink.write(entries('a', 'b'));
      const [whole, torn, ...rest] = read('2026-11-22.log').split('\n');
      expect(whole!.length + 1 + torn!.length).toBe(150);
      expect(rest).toEqual([expect.stringContaining(torn!), '']);
    });

    it('leaves alone what somebody has written behind the torn line', async () => {
      const full = fullAfter(150);
      const write = ((fd: number, ...rest: unknown[]) => {
        const isPartWritten = fs.existsSync(path) && fs.statSync(path).size === 150;
        if (isPartWritten) fs.appendFileSync(path, 'other\n');
        (full.write as (...all: unknown[]) => void)(fd, ...rest);
      }) as FileSystem['write'];
      const path = join(dir, '2026-11-22.log');
      const sink = open({}, { ...full, write });
      await sink.write(entries('a', 'b'));
      expect(read('2026-11-22.log')).toMatch(/"a"\}\n.*other\n\{.*"message":"b"\}\n$/);
    });

    it('writes a batch anew whose file was removed while it waited', async () => {
      const sink = open({}, fullAfter(200));
      const written = sink.write(entries('a', 'b', 'c'));
      await hasFailed(sink);
      fs.unlinkSync(join(dir, '2026-11-22.log'));
      await written;
      expect(messagesIn('2026-11-22.log')).toEqual(['a', 'b', 'c']);
    });

    it('goes on when the directory is back', async () => {
      const sink = open();
      fs.rmSync(dir, { recursive: true });
      fs.writeFileSync(dir, '');
      const written = [sink.write(entries('a')), sink.write(entries('b'))];
      await hasFailed(sink);
      expect(sink.failure).toMatchObject({ code: 'ENOTDIR' });
      fs.rmSync(dir);
      await Promise.all(written);
      expect(messagesIn('2026-11-22.log')).toEqual(['a', 'b']);
    });

    it('goes on when a rotation failed', async () => {
      const sink = open();
      await sink.write(entries('a'));
      fs.renameSync(dir, `${dir}-away`);
      fs.writeFileSync(dir, '');
      setClock('2026-11-23T00:00:00Z');
      const written = sink.write(entries('b'));
      await hasFailed(sink);
      fs.rmSync(dir);
      fs.renameSync(`${dir}-away`, dir);
      await written;
      expect(messagesIn('2026-11-23.log')).toEqual(['b']);
    });

    it('tries once more at close, and tells how many lines it has written', async () => {
      const sink = open(
        {},
        takingBytes((nth) => (nth === 1 ? 200 : 0)),
      );
      const written = sink.write(entries('a', 'b', 'c'));
      const waiting = sink.write(entries('d'));
      await hasFailed(sink);
      const closed = sink.close();
      const refused = { code: 'WRITE_FAILED', cause: { code: 'ENOSPC' } };
      await expect(written).rejects.toMatchObject({ ...refused, details: { written: 1 } });
      await expect(waiting).rejects.toMatchObject({ ...refused, details: { written: 0 } });
      await closed;
      expect(messagesIn('2026-11-22.log')).toEqual(['a']);
    });
  });

  it('doubles no line where the file system cannot tell about the file after a write', async () => {
    const fstat = ((_fd: number, done: (error: Error) => void) =>
      done(new Error('ESTALE'))) as FileSystem['fstat'];
    const sink = open({}, { ...fs, fstat });
    await sink.write(entries('a', 'b'));
    expect(messagesIn('2026-11-22.log')).toEqual(['a', 'b']);
  });

  describe('a file that somebody else', () => {
    it('renames is made anew by the next line', async () => {
      const sink = open();
      await sink.write(entries('a'));
      fs.renameSync(join(dir, '2026-11-22.log'), join(dir, 'away.log'));
      await sink.write(entries('b'));
      expect(messagesIn('away.log')).toEqual(['a']);
      expect(messagesIn('2026-11-22.log')).toEqual(['b']);
    });

    it('removes is made anew by the next line, with the directory', async () => {
      const sink = open();
      await sink.write(entries('a'));
      fs.rmSync(dir, { recursive: true });
      await sink.write(entries('b'));
      expect(messagesIn('2026-11-22.log')).toEqual(['b']);
    });

    it('removes in the middle of a write is made anew with all its lines', async () => {
      const path = join(dir, '2026-11-22.log');
      const write = ((fd: number, ...rest: unknown[]) => {
        if (fs.existsSync(path) && fs.statSync(path).size > 0) fs.unlinkSync(path);
        (fs.write as (...all: unknown[]) => void)(fd, ...rest);
      }) as FileSystem['write'];
      const sink = open({}, { ...fs, write });
      await sink.write(entries('a'));
      await sink.write(entries('b', 'c'));
      expect(messagesIn('2026-11-22.log')).toEqual(['b', 'c']);
    });
  });

  describe('dropped entries', () => {
    it('are told by one line before the next', async () => {
      const sink = open();
      sink.dropped(2);
      sink.dropped(3);
      await sink.write(entries('a'));
      await sink.write(entries('b'));
      const lines = read('2026-11-22.log')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as object);
      expect(lines).toEqual([
        expect.objectContaining({ context: 'SessionLogger', data: { dropped: 5 } }),
        expect.objectContaining({ message: 'a' }),
        expect.objectContaining({ message: 'b' }),
      ]);
    });
  });

  describe('writeSync', () => {
    it('has the lines in the newest file of the day when it returns, behind a torn line, closed or not', async () => {
      fs.mkdirSync(dir);
      fs.writeFileSync(join(dir, '2026-11-22.log'), '');
      fs.writeFileSync(join(dir, '2026-11-22.10.log'), 'torn');
      const sink = open();
      sink.writeSync(entries('a'));
      await sink.close();
      sink.writeSync(entries('b'));
      const [torn, ...lines] = read('2026-11-22.10.log').trimEnd().split('\n');
      expect(torn).toBe('torn');
      expect(lines.map((line) => (JSON.parse(line) as LogEntry).message)).toEqual(['a', 'b']);
    });

    it('begins the file of a day without one, and throws where it cannot', () => {
      const sink = open();
      sink.writeSync(entries('a'));
      expect(messagesIn('2026-11-22.log')).toEqual(['a']);
      fs.rmSync(dir, { recursive: true });
      expect(() => sink.writeSync(entries('b'))).toThrow('ENOENT');
    });
  });

  describe('writeSync while a batch is tried again', () => {
    const hasFailed = async (sink: DailyFileSink): Promise<void> => {
      while (sink.failure === undefined) await new Promise(setImmediate);
    };

    it('writes the rest of that before its own', async () => {
      const sink = open({}, fullAfter(150));
      const written = sink.write(entries('a', 'b'));
      await hasFailed(sink);
      sink.writeSync(entries('c'));
      expect(messagesIn('2026-11-22.log')).toEqual(['a', 'b', 'c']);
      expect(sink.failure).toBeUndefined();
      await written;
      await sink.write(entries('d'));
      expect(messagesIn('2026-11-22.log')).toEqual(['a', 'b', 'c', 'd']);
    });

    it('writes that before its own also where somebody has removed the file', async () => {
      const sink = open({}, fullAfter(150));
      const written = sink.write(entries('a', 'b'));
      await hasFailed(sink);
      fs.unlinkSync(join(dir, '2026-11-22.log'));
      sink.writeSync(entries('c'));
      await written;
      expect(messagesIn('2026-11-22.log')).toEqual(['a', 'b', 'c']);
    });

    it('leaves that to be tried again where it fails, too, and tells its drops later', async () => {
      const sink = open({}, fullAfter(150));
      const written = sink.write(entries('a', 'b'));
      await hasFailed(sink);
      sink.dropped(3);
      fs.renameSync(dir, `${dir}-away`);
      fs.writeFileSync(dir, '');
      const refused = expect.objectContaining({ code: 'WRITE_FAILED', details: { written: 0 } });
      expect(() => sink.writeSync(entries('c'))).toThrow(refused);
      expect(sink.failure).toMatchObject({ code: 'ENOTDIR' });
      fs.rmSync(dir);
      fs.renameSync(`${dir}-away`, dir);
      await written;
      await sink.write(entries('d'));
      expect(messagesIn('2026-11-22.log')).toEqual(['a', 'b', expect.stringContaining('3'), 'd']);
    });

    it('writes what waits for another file before its own', async () => {
      const sink = open();
      fs.rmSync(dir, { recursive: true });
      fs.writeFileSync(dir, '');
      const written = sink.write(entries('a', 'b'));
      await hasFailed(sink);
      expect(() => sink.writeSync(entries('c'))).toThrow('ENOTDIR');
      fs.rmSync(dir);
      fs.mkdirSync(dir);
      sink.writeSync(entries('d'));
      expect(messagesIn('2026-11-22.log')).toEqual(['a', 'b', 'd']);
      await written;
      expect(messagesIn('2026-11-22.log')).toEqual(['a', 'b', 'd']);
    });
  });

  describe("durability: 'fsync'", () => {
    const countingSyncs = (): { real: FileSystem; synced: () => number } => {
      let count = 0;
      const fsync = ((fd: number, done: fs.NoParamCallback) => {
        count++;
        fs.fsync(fd, done);
      }) as FileSystem['fsync'];
      return { real: { ...fs, fsync }, synced: () => count };
    };

    it('syncs at flush, and files that another follows when they are closed', async () => {
      const { real, synced } = countingSyncs();
      const sink = open({ durability: 'fsync' }, real);
      await sink.write(entries('a'));
      expect(synced()).toBe(0);
      await sink.flush();
      expect(synced()).toBe(1);
      setClock('2026-11-23T12:00:00Z');
      await sink.write(entries('b'));
      await sink.close();
      expect(synced()).toBe(3);
    });

    it.each(['fsync', 'close'] as const)(
      'tells at flush that %s of the file before failed, and doubles no line',
      async (step) => {
        let isFirst = true;
        const failing = ((fd: number, done: fs.NoParamCallback) => {
          const error = isFirst ? Object.assign(new Error('EIO'), { code: 'EIO' }) : null;
          isFirst = false;
          fs[step](fd, (real) => done(error ?? real));
        }) as FileSystem['fsync'];
        const sink = open({ durability: 'fsync' }, { ...fs, [step]: failing });
        await sink.write(entries('a'));
        setClock('2026-11-23T12:00:00Z');
        await sink.write(entries('b', 'c'));
        await expect(sink.flush()).rejects.toThrow('EIO');
        await expect(sink.flush()).resolves.toBeUndefined();
        expect(messagesIn('2026-11-23.log')).toEqual(['b', 'c']);
      },
    );

    it('tells at flush that fsync of a file failed that somebody has renamed', async () => {
      let isFirst = true;
      const fsync = ((fd: number, done: fs.NoParamCallback) => {
        if (!isFirst) return fs.fsync(fd, done);
        isFirst = false;
        done(Object.assign(new Error('EIO'), { code: 'EIO' }));
      }) as FileSystem['fsync'];
      const sink = open({ durability: 'fsync' }, { ...fs, fsync });
      await sink.write(entries('a'));
      fs.renameSync(join(dir, '2026-11-22.log'), join(dir, 'away.log'));
      await sink.write(entries('b'));
      await expect(sink.flush()).rejects.toThrow('EIO');
      await expect(sink.flush()).resolves.toBeUndefined();
      expect(messagesIn('2026-11-22.log')).toEqual(['b']);
    });

    it('is not what os is', async () => {
      const { real, synced } = countingSyncs();
      const sink = open({}, real);
      await sink.write(entries('a'));
      await sink.flush();
      await sink.close();
      expect(synced()).toBe(0);
    });
  });

  it('writes a line as JSON that a format function fails for, and tells', async () => {
    const sink = open({
      format: ({ message }) => {
        if (message === 'b') throw new Error('broken');
        return message;
      },
    });
    await sink.write(entries('a', 'b', 'c'));
    expect(read('2026-11-22.log')).toMatch(/^a\n\{.*"message":"b"\}\nc\n$/);
    expect(troubles).toEqual([
      ['format', expect.any(String), expect.objectContaining({ message: 'broken' })],
    ]);
  });
});
