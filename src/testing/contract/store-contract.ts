import { deepStrictEqual as equal } from 'node:assert';
import { LogEntry } from '../../entry/log-entry.js';
import { parsePosition } from '../../entry/position.js';
import { SessionEnd } from '../../entry/session-end.js';
import { describeNotes } from './notes-contract.js';
import { describeRemoval } from './removal-contract.js';
import {
  codeOf,
  end,
  entry,
  LOGGED_AT,
  nextWake,
  plain,
  pop,
  take,
  takeWithGap,
  testsOf,
  textsOf,
  type StoreUnderTest,
  type TestRunner,
} from './store-bench.js';

/**
 * Describes what every `SessionStore` must do, as tests of the runner that is handed in, be it Jest, Vitest or
 * `node:test`:
 *
 * ```ts
 * describeSessionStore({ describe, it }, { name: 'myStore', create: () => new MyStore() });
 * ```
 */
export function describeSessionStore(runner: TestRunner, subject: StoreUnderTest): void {
  const { describe } = runner;
  const it = testsOf(runner, subject);

  describe(`${subject.name} as a SessionStore`, () => {
    describe('positions', () => {
      it('count the records of a session from 1, in one epoch, whatever the batches', async (bench) => {
        await bench.log('s', 'a', 'b');
        await bench.log('s', 'c');
        const records = await bench.read('s', 3);
        const positions = records.map(({ id }) => parsePosition(id!));
        equal(
          positions.map((position) => position?.offset),
          [1, 2, 3],
        );
        equal(new Set(positions.map((position) => position?.epoch)).size, 1);
      });

      it('are given to the records that were appended', async (bench) => {
        const batch = [entry('s', 'a'), entry('t', 'b')];
        await bench.store.append(batch);
        const [a] = await bench.read('s', 1);
        const [b] = await bench.read('t', 1);
        equal(
          batch.map(({ id }) => id),
          [a!.id, b!.id],
        );
      });

      it('are each session’s own', async (bench) => {
        await bench.store.append([entry('s', 'a'), entry('t', 'b'), entry('s', 'c')]);
        equal(textsOf(await bench.read('s', 2)), ['a', 'c']);
        equal(textsOf(await bench.read('t', 1)), ['b']);
      });
    });

    describe('records', () => {
      it('come back as they were', async (bench) => {
        const message = 'a\r\n\u0000\u2028"\\漢🙂</think>';
        const full = new LogEntry('p-1', 's', message, '2026-11-22T14:26:00.000Z', 'log', 'warn', 'Ctx', {
          deep: [1, null, { x: 'y' }],
        });
        const cut = Object.assign(entry('s', 'cut'), { truncated: true, originalBytes: 99 });
        const end = new SessionEnd('p-3', 's', '2026-11-22T14:26:01.000Z', 'error', 'it broke');
        await bench.store.append([full, cut, end]);
        const found = await bench.read('s', 3);
        equal(
          found.map((record) => record instanceof LogEntry),
          [true, true, false],
        );
        equal(found.map(plain), [full, cut, end].map(plain));
      });

      it('of many batches are in order, for readers of the past and live ones alike', async (bench) => {
        const live = await bench.reader('s');
        const texts = Array.from({ length: 900 }, (_, at) => `m${at}`);
        for (let at = 0; at < 900; at += 45) await bench.log('s', ...texts.slice(at, at + 45));
        equal(textsOf(await take(live, 900)), texts);
        equal(textsOf(await bench.read('s', 900)), texts);
      });
    });

    describe('readers', () => {
      it('are each given everything', async (bench) => {
        const readers = [await bench.reader('s'), await bench.reader('s')];
        await bench.log('s', 'a', 'b');
        for (const reader of readers) equal(textsOf(await take(reader, 2)), ['a', 'b']);
      });

      it('wait for a session that does not exist yet, and create none', async (bench) => {
        const reader = await bench.reader('s');
        equal(reader.read(), undefined);
        equal((await bench.store.list(undefined, 10)).sessions, []);
        await bench.log('s', 'a');
        equal(textsOf(await take(reader, 1)), ['a']);
        equal(reader.gap, undefined);
      });

      it('are woken by what they wait for', async (bench) => {
        const reader = await bench.reader('s');
        const woken = nextWake(reader);
        await bench.log('s', 'a');
        await woken;
      });

      it('resume at each position, without a gap', async (bench) => {
        await bench.log('s', 'a', 'b', 'c');
        const records = await bench.read('s', 3);
        for (const [at, { id }] of records.entries()) {
          const reader = await bench.reader('s', id);
          equal(textsOf(await take(reader, 2 - at)), ['b', 'c'].slice(at));
          equal([reader.gap, reader.position], [undefined, records[2]!.id]);
        }
      });

      it('resume at the place where they began, also before the first record', async (bench) => {
        const { position } = await bench.reader('s');
        await bench.log('s', 'a');
        const reader = await bench.reader('s', position);
        equal(textsOf(await take(reader, 1)), ['a']);
        equal(reader.gap, undefined);
      });

      it('that start now are given what comes', async (bench) => {
        await bench.log('s', 'old');
        const reader = await bench.reader('s', 'now');
        await bench.log('s', 'new');
        equal(textsOf(await take(reader, 1)), ['new']);
      });

      it(
        'are refused beyond the bounds, until one is closed',
        async (bench) => {
          const first = await bench.reader('s');
          await bench.reader('s');
          const refused = await codeOf(bench.reader('s'));
          equal(refused, 'TOO_MANY_READERS');
          first.close();
          await bench.reader('s');
        },
        { readersPerSession: 2 },
      );

      it('that are closed give nothing, and those who wait for them are woken', async (bench) => {
        const reader = await bench.reader('s');
        const woken = nextWake(reader);
        reader.close();
        await woken;
        equal([reader.closed, reader.read()], [true, undefined]);
      });

      it('are closed once all is read, when the store closes them', async (bench) => {
        const reader = await bench.reader('s');
        await bench.log('s', 'a');
        bench.store.closeReaders();
        equal(textsOf(await take(reader, 1)), ['a']);
        equal([reader.read(), reader.closed], [undefined, true]);
      });
    });

    describe('gaps', () => {
      it(
        'are not told to who begins at the start, whatever went while others read',
        async (bench) => {
          const live = await bench.reader('s', 'start');
          for (const message of ['a', 'b', 'c', 'd', 'e']) {
            await bench.log('s', message);
            await take(live, 1);
          }
          const { gap, records } = await bench.resume('s', 'start', 3);
          equal([gap, textsOf(records)], [undefined, ['c', 'd', 'e']]);
        },
        { sessionEntries: 3 },
      );

      it('are told for what is no position, of another log, or to come', async (bench) => {
        await bench.log('s', 'a', 'b');
        const [first] = await bench.read('s', 2);
        const { epoch } = parsePosition(first!.id!)!;
        for (const [from, reason] of [
          ['nonsense', 'malformed'],
          ['elsewhere-1', 'epoch'],
          [`${epoch}-3`, 'future'],
        ] as const) {
          const { gap, records } = await bench.resume('s', from, 2);
          equal(gap, { reason, resumedAt: `${epoch}-0`, missed: null });
          equal(textsOf(records), ['a', 'b']);
        }
      });

      it(
        'are told for what was dropped to keep within the bounds',
        async (bench) => {
          await bench.log('s', 'a', 'b');
          const [first] = await bench.read('s', 2);
          const { epoch } = parsePosition(first!.id!)!;
          const slow = await bench.reader('s');
          await bench.log('s', 'c', 'd', 'e');
          const { gap, records } = await bench.resume('s', first!.id!, 3);
          equal(
            [gap, textsOf(records)],
            [{ reason: 'evicted', resumedAt: `${epoch}-2`, missed: 1 }, ['c', 'd', 'e']],
          );
          const left = await takeWithGap(slow, 3);
          equal([left.gap?.missed, textsOf(left.records)], [2, ['c', 'd', 'e']]);
        },
        { sessionEntries: 3 },
      );

      it(
        'by the bound of bytes leave the newest record, whatever its size',
        async (bench) => {
          const large = 'x'.repeat(10_000);
          for (const last of ['1', '2', '3']) await bench.log('s', large + last);
          const { records } = await bench.store.history('s', undefined, 10);
          equal(textsOf(records), [`${large}3`]);
        },
        { sessionBytes: 4_000 },
      );
    });

    describe('ends', () => {
      it('are where a reader may stop, until the session goes on', async (bench) => {
        await bench.log('s', 'a');
        await bench.store.append([end('s')]);
        const reader = await bench.reader('s');
        await take(reader, 2);
        equal(reader.ended, true);
        await bench.log('s', 'b');
        equal([reader.ended, textsOf(await take(reader, 1))], [false, ['b']]);
        equal(bench.opened, [
          ['s', false],
          ['s', true],
        ]);
      });

      it('are not told to those who start after them', async (bench) => {
        await bench.store.append([entry('s', 'a'), end('s')]);
        const reader = await bench.reader('s', 'now');
        equal(reader.ended, false);
      });
    });

    describe('turns', () => {
      it('give each entry to one caller, in order, and the next reader what is left', async (bench) => {
        await bench.log('s', 'a', 'b', 'c', 'd');
        const first = await bench.turn('s');
        equal(await pop(first, 2), ['a', 'b']);
        first.release();
        const second = await bench.turn('s');
        equal(await pop(second, 1), ['c']);
        second.release();
        await bench.settle();
        const rest = await bench.reader('s');
        equal(textsOf(await take(rest, 1)), ['d']);
        equal(textsOf(await bench.read('s', 4)), ['a', 'b', 'c', 'd']);
      });

      it('are waited for', async (bench) => {
        const first = await bench.turn('s');
        let isSecondThere = false;
        const second = bench.turn('s').then((turn) => ((isSecondThere = true), turn));
        await bench.log('s', 'a');
        equal(await pop(first, 1), ['a']);
        equal(isSecondThere, false);
        first.release();
        (await second).release();
      });

      it('carry a text over to the next caller', async (bench) => {
        await bench.log('s', 'a</th', 'ink>');
        const first = await bench.turn('s');
        const [record] = await take(first.reader, 1);
        first.taken(record!, '</th');
        first.release();
        const second = await bench.turn('s');
        equal(second.carry, '</th');
        second.release();
      });

      it('are no longer waited for by who leaves', async (bench) => {
        const first = await bench.turn('s');
        const leaving = new AbortController();
        const waiting = bench.turn('s', leaving.signal);
        leaving.abort(new Error('left'));
        equal(
          await waiting.then(
            () => 'came',
            (error: Error) => error.message,
          ),
          'left',
        );
        first.release();
        (await bench.turn('s')).release();
      });

      it('come to nobody when the store closes', async (bench) => {
        const first = await bench.turn('s');
        const waiting = bench.turn('s');
        bench.store.closeReaders();
        const { reader } = await waiting;
        equal([reader.closed, reader.read()], [true, undefined]);
        first.release();
      });
    });

    describe('history and list', () => {
      it('page through a session', async (bench) => {
        await bench.log('s', 'a', 'b', 'c');
        const first = await bench.store.history('s', undefined, 2);
        equal([textsOf(first.records), first.more, first.gap], [['a', 'b'], true, undefined]);
        const second = await bench.store.history('s', first.position, 2);
        equal([textsOf(second.records), second.more], [['c'], false]);
        const third = await bench.store.history('s', second.position, 2);
        equal([third.records, third.more, third.position], [[], false, second.position]);
      });

      it('tell a gap', async (bench) => {
        await bench.log('s', 'a');
        const { gap, records } = await bench.store.history('s', 'elsewhere-1', 2);
        equal([gap?.reason, textsOf(records)], ['epoch', ['a']]);
      });

      it('know of each session once, with its size and how it ended', async (bench) => {
        const ids = Array.from({ length: 25 }, (_, at) => `s${at}`);
        await bench.store.append(ids.map((id) => entry(id, 'a')));
        await bench.store.append([end('s7')]);
        const sessions = await bench.listAll(10);
        equal(sessions.map(({ sessionId }) => sessionId).toSorted(), ids.toSorted());
        const ended = sessions.find(({ sessionId }) => sessionId === 's7');
        equal(
          [ended?.records, ended?.ended, parsePosition(ended?.position ?? '')?.offset],
          [2, 'completed', 2],
        );
        equal([ended?.firstAt, ended?.lastAt, ended?.readers], [LOGGED_AT, LOGGED_AT, 0]);
      });

      it('have nothing of a session that is not there', async (bench) => {
        const { records, more, gap } = await bench.store.history('none', undefined, 10);
        equal([records, more, gap], [[], false, undefined]);
        const { sessions, cursor } = await bench.store.list(undefined, 10);
        equal([sessions, cursor], [[], undefined]);
      });
    });

    describeRemoval(runner, it);
    describeNotes(runner, it);

    it('counts its readers and sessions', async (bench) => {
      const reader = await bench.reader('s');
      const { readers, sessions } = bench.store.stats();
      equal([readers, sessions, bench.store.sessions()], [1, 1, ['s']]);
      reader.close();
      equal(bench.store.stats().readers, 0);
    });
  });
}
