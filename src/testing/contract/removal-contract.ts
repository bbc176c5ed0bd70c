import type { SessionRecord } from '../entry/log-entry.js';
import { parsePosition } from '../entry/position.js';
import { SessionEnd } from '../entry/session-end.js';
import type { SessionReader } from '../store/session-store.interface.js';
import { nextWake, take, textsOf, type StoreTest, type TestRunner } from './store-bench.js';

/** What a store does where a session is removed. */
export function describeRemoval({ describe, expect }: TestRunner, it: StoreTest): void {
  describe('removal', () => {
    it('leaves nothing of a session, and all of the others', async (bench) => {
      await bench.log('s', 'a', 'b');
      await bench.log('t', 'c');
      await bench.store.remove('s');
      expect((await bench.store.history('s', undefined, 10)).records).toEqual([]);
      expect((await bench.listAll(10)).map(({ sessionId }) => sessionId)).toEqual(['t']);
      expect(textsOf(await bench.read('t', 1))).toEqual(['c']);
      expect(bench.evicted).toEqual([['s', 2, 'deleted']]);
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
        expect(await untilEnded(reader)).toEqual(['deleted']);
        expect(reader.read()).toEqual(undefined);
      }
      await bench.log('t', 'x');
      expect(textsOf(await take(other, 1))).toEqual(['x']);
    });

    it('is followed by a log of another epoch, where old positions are a gap', async (bench) => {
      await bench.log('s', 'a');
      const [old] = await bench.read('s', 1);
      await bench.store.remove('s');
      await bench.log('s', 'b', 'c');
      const { gap, records } = await bench.resume('s', old!.id!, 2);
      expect([gap?.reason, textsOf(records)]).toEqual(['epoch', ['b', 'c']]);
      expect(parsePosition(records[0]!.id!)!.epoch === parsePosition(old!.id!)!.epoch).toEqual(false);
    });

    it('of what is not there is no error, and makes nothing', async (bench) => {
      await bench.store.remove('none');
      expect(await bench.listAll(10)).toEqual([]);
      const waiting = await bench.reader('s');
      await bench.store.remove('s');
      await bench.log('s', 'a');
      expect(textsOf(await take(waiting, 1))).toEqual(['a']);
    });

    it('ends a turn, and lets the next one take from what is logged later', async (bench) => {
      await bench.log('s', 'a');
      const turn = await bench.turn('s');
      await bench.store.remove('s');
      await untilEnded(turn.reader);
      turn.release();
      await bench.log('s', 'b');
      const next = await bench.turn('s');
      expect(textsOf(await take(next.reader, 1))).toEqual(['b']);
      next.release();
    });

    it('can be done again and again', async (bench) => {
      for (const message of ['a', 'b', 'c']) {
        await bench.log('s', message);
        expect(textsOf(await bench.read('s', 1))).toEqual([message]);
        await bench.store.remove('s');
      }
      expect(await bench.listAll(10)).toEqual([]);
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
