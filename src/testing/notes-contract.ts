import { setTimeout as delay } from 'node:timers/promises';
import type { StoreTest, TestRunner } from './store-bench.js';

const LONG = 60_000;

/** What a store does that remembers notes. */
export function describeNotes({ describe, expect }: TestRunner, it: StoreTest): void {
  describe('notes', () => {
    it('are claimed once', async ({ store: { notes } }) => {
      if (notes === undefined) return;
      const claims = [];
      for (const text of ['a', 'b', 'c']) claims.push(await notes.claim('k', text, LONG));
      expect(claims).toEqual([undefined, 'a', 'a']);
      expect(await notes.claim('other {k}\u00e4'.repeat(100), 'd', LONG)).toEqual(undefined);
    });

    it('are replaced and released', async ({ store: { notes } }) => {
      if (notes === undefined) return;
      await notes.claim('k', 'a', LONG);
      await notes.replace('k', 'b', LONG);
      expect(await notes.claim('k', 'c', LONG)).toEqual('b');
      await notes.release('k');
      expect(await notes.claim('k', 'c', LONG)).toEqual(undefined);
    });

    it('go when their time is over', async ({ store: { notes } }) => {
      if (notes === undefined) return;
      await notes.claim('k', 'a', 1);
      let found: string | undefined = 'a';
      while (found === 'a') {
        await delay(1);
        found = await notes.claim('k', 'b', LONG);
      }
      expect(found).toEqual(undefined);
    });

    it('are no sessions', async (bench) => {
      await bench.store.notes?.claim('k', 'a', LONG);
      expect(await bench.listAll(10)).toEqual([]);
    });
  });
}
