import { deepStrictEqual as equal } from 'node:assert';
import type { SessionRecord } from '../../entry/log-entry.js';
import { parsePosition } from '../../entry/position.js';
import { SessionEnd } from '../../entry/session-end.js';
import type { SessionReader } from '../../store/session-store.interface.js';
import { nextWake, take, textsOf, type StoreTest, type TestRunner } from './store-bench.js';

/** What a store does where a session is removed. */
export function describeRemoval({ describe }: TestRunner, it: StoreTest): void {
  describe('removal', () => {
    it('leaves nothing of a session, and all of the others', async (bench) => {
      await bench.log('s', 'a', 'b');
      await bench.log('t', 'c');
      await bench.store.remove('s');
      equal((await bench.store.history('s', undefined, 10)).records, []);
      equal(
        (await bench.listAll(10)).map(({ sessionId }) => sessionId),
        ['t'],
      );
      equal(textsOf(await bench.read('t', 1)), ['c']);
      equal(bench.evicted, [['s', 2, 'deleted']]);
    });

    it('gives its readers an end and nothing more, those that wait and those that are behind', async (bench) => {
      await bench.log('s', 'a');
      const [behind, waiting, other] = [
        await bench.reader('s', 'start'),
        await bench.reader('s', 'start'),
        await bench.reader('t'),
      ];
      await take(waiting, 1);
      const woken = nextWake(waiting);
      await bench.store.remove('s');
      await woken;
      await bench.log('s', 'later');
      for (const reader of [behind, waiting]) {
        equal(await untilEnded(reader), ['deleted']);
        equal(reader.read(), undefined);
      }
      await bench.log('t', 'x');
      equal(textsOf(await take(other, 1)), ['x']);
    });

    it('is followed by a log of another epoch, where old positions are a gap', async (bench) => {
      await bench.log('s', 'a');
      const [old] = await bench.read('s', 1);
      await bench.store.remove('s');
      await bench.log('s', 'b', 'c');
      const { gap, records } = await bench.resume('s', old!.id!, 2);
      equal([gap?.reason, textsOf(records)], ['epoch', ['b', 'c']]);
      equal(parsePosition(records[0]!.id!)!.epoch === parsePosition(old!.id!)!.epoch, false);
    });

    it('of what is not there is no error, and makes nothing', async (bench) => {
      await bench.store.remove('none');
      equal(await bench.listAll(10), []);
      const waiting = await bench.reader('s');
      await bench.store.remove('s');
      await bench.log('s', 'a');
      equal(textsOf(await take(waiting, 1)), ['a']);
    });

    it('ends a turn, and lets the next one take from what is logged later', async (bench) => {
      await bench.log('s', 'a');
      const turn = await bench.turn('s');
      await bench.store.remove('s');
      await untilEnded(turn.reader);
      turn.release();
      await bench.log('s', 'b');
      const next = await bench.turn('s');
      equal(textsOf(await take(next.reader, 1)), ['b']);
      next.release();
    });

    it('can be done again and again', async (bench) => {
      for (const message of ['a', 'b', 'c']) {
        await bench.log('s', message);
        equal(textsOf(await bench.read('s', 1)), [message]);
        await bench.store.remove('s');
      }
      equal(await bench.listAll(10), []);
    });
  });
}

/** How the ends that a reader is given are called, up to where nothing more comes. */
async function untilEnded(reader: SessionReader): Promise<unknown[]> {
  const given: SessionRecord[] = [];
  while (!reader.ended && !reader.closed) {
    const some = reader.read();
    if (some === undefined) await nextWake(reader);
    else given.push(...some);
  }
  return given.map((record) => (record instanceof SessionEnd ? record.reason : record.message));
}
