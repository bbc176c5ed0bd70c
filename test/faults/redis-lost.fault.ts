import { jest } from '@jest/globals';
import type { SessionLoggerService } from 'nestjs-session-logger';
import { cleanUp } from '../support/clean-up.js';
import { hasRedis, NO_REDIS } from '../support/redis-server.js';
import { endSession, logChat, type TestApp } from '../support/test-app.js';
import {
  connect,
  Follower,
  openStream,
  startRedis,
  startReplica,
  takeFrom,
  texts,
  untilAnswered,
  type Seen,
} from './redis-bench.js';
import { RedisProxy } from './redis-proxy.js';

jest.setTimeout(30_000);
afterEach(cleanUp);

if (!hasRedis) process.stderr.write(`redis-lost.fault.ts ${NO_REDIS}.\n`);

const EPOCH: Seen = { gap: 'epoch', missed: null };

/** Everything that a reader gets from a position on, of a session that has ended. */
function readFrom(logs: SessionLoggerService, sessionId: string, from: string): Promise<Seen[]> {
  return new Follower(logs, sessionId, { from }).rest();
}

/** Two replicas that have read `a`, `b` and `c` of session `s`, with a stream, and the positions they have met. */
async function readersOf(server: { url: string }): Promise<{
  apps: TestApp[];
  readers: Follower[];
  /** The next `count` things that all of them are given. */
  take: (count: number) => Promise<Seen[][]>;
  positions: string[];
}> {
  const apps = [await startReplica(server), await startReplica(server)];
  const readers = apps.map(({ logs }) => new Follower(logs, 's'));
  const stream = await openStream(apps[1]!, 's');
  const take = (count: number): Promise<Seen[][]> =>
    Promise.all([...readers.map((reader) => reader.take(count)), takeFrom(stream, count)]);
  await logChat(apps[0]!.logs, 's', 'a', 'b', 'c');
  await take(3);
  const { records } = await apps[0]!.logs.getSessionHistory('s');
  return { apps, readers, take, positions: records.map(({ id }) => id!) };
}

const all = (...seen: Seen[]): Seen[][] => [seen, seen, seen];

(hasRedis ? describe : describe.skip)('FLUSHALL', () => {
  it('is told to live readers by a gap, before what is logged next', async () => {
    const server = await startRedis();
    const { apps, take } = await readersOf(server);
    await connect(server).flushall();
    await logChat(apps[0]!.logs, 's', 'd');
    expect(await take(2)).toEqual(all(EPOCH, 'd'));
    await logChat(apps[1]!.logs, 's', 'e');
    expect(await take(1)).toEqual(all('e'));
  });

  it('is told to them also when nothing is logged, and once', async () => {
    const server = await startRedis();
    const { apps, take } = await readersOf(server);
    await connect(server).flushall();
    expect(await take(1)).toEqual(all(EPOCH));
    await logChat(apps[0]!.logs, 's', 'd', 'e');
    expect(await take(2)).toEqual(all('d', 'e'));
  });

  it('is told by what is logged next alone, where nobody looks', async () => {
    const server = await startRedis();
    const never = { checkInterval: 600_000 };
    const [here, there] = [await startReplica(server, {}, never), await startReplica(server, {}, never)];
    const reader = new Follower(there.logs, 's');
    await logChat(here.logs, 's', 'a');
    expect(await reader.take(1)).toEqual(['a']);
    await connect(server).flushall();
    await logChat(here.logs, 's', 'b');
    expect(await reader.take(2)).toEqual([EPOCH, 'b']);
  });

  it('leaves no position that is resumed, however many entries are logged anew', async () => {
    const server = await startRedis();
    const { apps, positions } = await readersOf(server);
    await connect(server).flushall();
    for (const { url } of apps) {
      for (const position of positions) {
        expect(await takeFrom(await openStream({ url }, 's', position), 1)).toEqual([EPOCH]);
      }
    }
    await logChat(apps[0]!.logs, 's', 'd', 'e', 'f', 'g');
    await endSession(apps[0]!.logs, 's');
    for (const { logs, url } of apps) {
      for (const position of positions) {
        expect(await readFrom(logs, 's', position)).toEqual([EPOCH, 'd', 'e', 'f', 'g']);
        const { gap, records } = await logs.getSessionHistory('s', { after: position });
        expect([gap?.reason, records.length]).toEqual(['epoch', 5]);
        expect(await takeFrom(await openStream({ url }, 's', position), 5)).toEqual([
          EPOCH,
          'd',
          'e',
          'f',
          'g',
        ]);
      }
    }
  });

  it('again and again while entries are logged: each reader is told, and none gets an entry twice', async () => {
    const server = await startRedis();
    const admin = connect(server);
    const apps = [await startReplica(server), await startReplica(server)];
    const readers = apps.map(({ logs }) => new Follower(logs, 's'));
    for (let round = 0; round < 20; round++) {
      for (const text of texts(`${round}.`, 5)) void apps[round % 2]!.logs.logChunkToQueue(text, 's');
      await admin.flushall();
      await apps[round % 2]!.logs.distribute({ finite: true });
    }
    await logChat(apps[0]!.logs, 's', 'last');
    await endSession(apps[0]!.logs, 's');
    for (const reader of readers) {
      const seen = await reader.rest();
      const messages = seen.filter((one) => typeof one === 'string');
      expect(new Set(messages).size).toBe(messages.length);
      const order = messages.slice(0, -1).map(Number);
      expect(order.map((text) => Math.floor(text))).toEqual(
        order.map((text) => Math.floor(text)).toSorted((a, b) => a - b),
      );
      expect(seen.at(-1)).toBe('last');
      for (const gap of seen.filter((one) => typeof one !== 'string')) expect(gap).toEqual(EPOCH);
    }
  });
});

(hasRedis ? describe : describe.skip)('Redis started anew', () => {
  it('empty, is told by a gap; what is logged next comes', async () => {
    const server = await startRedis();
    const { apps, take, positions } = await readersOf(server);
    await server.signal('SIGKILL');
    await server.run();
    expect(await take(1)).toEqual(all(EPOCH));
    await logChat(apps[0]!.logs, 's', 'd', 'e', 'f');
    expect(await take(3)).toEqual(all('d', 'e', 'f'));
    await endSession(apps[0]!.logs, 's');
    for (const position of positions) {
      expect(await readFrom(apps[1]!.logs, 's', position)).toEqual([EPOCH, 'd', 'e', 'f']);
    }
  });

  it('from an older snapshot, is told by a gap, and no position held is resumed', async () => {
    const server = await startRedis('--dbfilename', 'older.rdb');
    const { apps, take, positions } = await readersOf(server);
    await connect(server).save();
    await logChat(apps[1]!.logs, 's', 'lost', 'too');
    expect(await take(2)).toEqual(all('lost', 'too'));
    const { position } = await apps[0]!.logs.getSessionHistory('s');
    await server.signal('SIGKILL');
    await server.run();
    expect(await take(4)).toEqual(all(EPOCH, 'a', 'b', 'c'));
    await logChat(apps[0]!.logs, 's', 'd', 'e', 'f');
    expect(await take(3)).toEqual(all('d', 'e', 'f'));
    await endSession(apps[0]!.logs, 's');
    for (const held of [...positions, position]) {
      expect(await readFrom(apps[1]!.logs, 's', held)).toEqual([EPOCH, 'a', 'b', 'c', 'd', 'e', 'f']);
    }
  });

  it('from an older snapshot while entries wait: they come behind what the snapshot has', async () => {
    const server = await startRedis('--dbfilename', 'older.rdb');
    const { apps, take } = await readersOf(server);
    await connect(server).save();
    await server.signal('SIGKILL');
    for (const text of ['d', 'e']) await apps[0]!.logs.logChunkToQueue(text, 's');
    await server.run();
    expect(await take(6)).toEqual(all(EPOCH, 'a', 'b', 'c', 'd', 'e'));
    await apps[0]!.logs.distribute({ finite: true });
    expect(apps[0]!.logs.stats().store).toMatchObject({ written: 5, failed: 0, pending: 0 });
  });

  it('has each position of the same life resumed', async () => {
    const server = await startRedis('--dbfilename', 'older.rdb');
    const { apps } = await readersOf(server);
    await connect(server).save();
    await server.signal('SIGKILL');
    await server.run();
    await endSession(apps[0]!.logs, 's');
    const { logs } = apps[1]!;
    // Refused until it has a connection again.
    const history = await untilAnswered(
      () => logs.getSessionHistory('s').catch(() => undefined),
      (found) => found !== undefined,
    );
    const records = history!.records;
    expect(await readFrom(apps[0]!.logs, 's', records[0]!.id!)).toEqual(['b', 'c']);
    expect(await readFrom(logs, 's', records[1]!.id!)).toEqual(['c']);
  });
});

(hasRedis ? describe : describe.skip)('keys', () => {
  it('all have a time to live, whatever is done, and reading makes none', async () => {
    const server = await startRedis();
    const admin = connect(server);
    const { logs, url } = await startReplica(server);
    const other = await startReplica(server);
    const lives = async (): Promise<string[]> => {
      const names = (await admin.keys('*')).toSorted();
      for (const name of names) expect([name, (await admin.pttl(name)) > 0]).toEqual([name, true]);
      return names.map((name) => name.replace('session-logger:', ''));
    };
    const nothing = logs.getSessionLogs('nothing');
    const reader = new Follower(other.logs, 's');
    expect((await logs.getSessionHistory('nothing')).records).toEqual([]);
    await logs.listSessions();
    const stream = await openStream({ url }, 'nothing', 'old-1');
    expect(await takeFrom(stream, 1)).toEqual([EPOCH]);
    const popping = logs.pop('popped');
    const waiting = popping.next();
    await untilAnswered(lives, (names) => names.length > 0);
    expect(await lives()).toEqual(['{popped}:lease']);
    await logChat(logs, 's', 'a', 'b', 'c');
    expect(await reader.take(3)).toEqual(['a', 'b', 'c']);
    const session = ['{s}:log', '{s}:meta'];
    expect(await lives()).toEqual(['{popped}:lease', ...session]);
    await logChat(logs, 'popped', 'd', 'e');
    expect(await waiting).toEqual({ done: false, value: 'd' });
    const popped = ['{popped}:lease', '{popped}:log', '{popped}:meta'];
    expect(await lives()).toEqual([...popped, ...session]);
    await popping.return?.();
    await endSession(logs, 's');
    await other.logs.cancelSession('popped', 'enough');
    await other.logs.distribute({ finite: true });
    await untilAnswered(lives, (names) => !names.includes('{popped}:lease'));
    expect(await lives()).toEqual(['cancels', '{popped}:log', '{popped}:meta', ...session].toSorted());
    for await (const message of logs.pop('popped')) expect(message).toBe('e');
    expect(await reader.rest()).toEqual([]);
    await nothing.return?.();
    await untilAnswered(lives, (names) => !names.includes('{popped}:lease'));
  });

  it('whose time is over are told to an old position, when the session is logged to anew', async () => {
    const server = await startRedis();
    const admin = connect(server);
    const { logs, url } = await startReplica(server, { limits: { sessionIdle: 200 } });
    await logChat(logs, 's', 'a', 'b');
    const { position } = await logs.getSessionHistory('s');
    await untilAnswered(
      () => admin.dbsize(),
      (size) => size === 0,
    );
    await logChat(logs, 's', 'c', 'd', 'e');
    const stream = await openStream({ url }, 's', position);
    const reader = new Follower(logs, 's', { from: position });
    await endSession(logs, 's');
    expect(await reader.rest()).toEqual([EPOCH, 'c', 'd', 'e']);
    expect(await takeFrom(stream, 4)).toEqual([EPOCH, 'c', 'd', 'e']);
  });

  it('live on while somebody reads them', async () => {
    const server = await startRedis();
    const admin = connect(server);
    const { logs } = await startReplica(server, { limits: { sessionIdle: 1_000 } });
    await logChat(logs, 's', 'a');
    await logChat(logs, 'unread', 'a');
    const reader = new Follower(logs, 's');
    expect(await reader.take(1)).toEqual(['a']);
    await untilAnswered(
      () => admin.exists('session-logger:{unread}:meta'),
      (count) => count === 0,
    );
    await logChat(logs, 's', 'b');
    await endSession(logs, 's');
    expect(await reader.rest()).toEqual(['b']);
  });
});

(hasRedis ? describe : describe.skip)('a failover to a replica that lags', () => {
  it('is told by a gap to live readers and to positions that the replica has never given', async () => {
    const master = await startRedis('--repl-diskless-sync-delay', '0');
    const replica = await startRedis('--replicaof', '127.0.0.1', String(master.port));
    const proxy = await RedisProxy.start(master.port);
    const { apps, take } = await readersOf(proxy);
    await connect(master).wait(1, 0);
    // What is logged from now on never reaches it.
    await connect(replica).replicaof('NO', 'ONE');
    await logChat(apps[0]!.logs, 's', 'd', 'e');
    await take(2);
    const { records } = await apps[0]!.logs.getSessionHistory('s');
    const positions = records.map(({ id }) => id!);
    proxy.moveTo(replica.port);
    await logChat(apps[1]!.logs, 's', 'f', 'g', 'h');
    expect(await take(7)).toEqual(all(EPOCH, 'a', 'b', 'c', 'f', 'g', 'h'));
    await endSession(apps[0]!.logs, 's');
    for (const position of positions) {
      const seen = await readFrom(apps[1]!.logs, 's', position);
      expect(seen).toEqual([EPOCH, 'a', 'b', 'c', 'f', 'g', 'h']);
    }
  });
});
