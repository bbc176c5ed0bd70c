import { deepStrictEqual as equal } from 'node:assert';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SharedNotes } from '../../store/session-store.interface.js';
import type { StoreTest, TestRunner } from './store-bench.js';

const LONG = 60_000;

/** What a store does that remembers notes. */
export function describeNotes({ describe }: TestRunner, it: StoreTest): void {
  describe('notes', () => {
    it('are claimed once', async ({ store: { notes } }) => {
      if (notes === undefined) return;
      const claims = [];
      for (const text of ['a', 'b', 'c']) claims.push(await notes.claim('k', text, LONG));
      equal(claims, [undefined, 'a', 'a']);
      equal(await notes.claim('other {k}\u00e4'.repeat(100), 'd', LONG), undefined);
    });

    it('are replaced and released by whose they are', async ({ store: { notes } }) => {
      if (notes === undefined) return;
      await notes.claim('k', 'a', LONG);
      equal(await notes.replace('k', 'a', 'b', LONG), true);
      equal(await notes.claim('k', 'c', LONG), 'b');
      await notes.release('k', 'b');
      equal(await notes.claim('k', 'c', LONG), undefined);
    });

    it('are left alone by others', async ({ store: { notes } }) => {
      if (notes === undefined) return;
      await notes.claim('k', 'a', LONG);
      equal(await notes.replace('k', 'b', 'c', LONG), false);
      await notes.release('k', 'b');
      equal(await notes.claim('k', 'c', LONG), 'a');
    });

    it('come back where they have gone, if nobody has claimed the key', async ({ store: { notes } }) => {
      if (notes === undefined) return;
      equal(await notes.replace('k', 'a', 'b', LONG), true);
      equal(await notes.claim('k', 'c', LONG), 'b');
    });

    it('are kept for longer where they are replaced by themselves', async ({ store: { notes } }) => {
      if (notes === undefined) return;
      await notes.claim('k', 'a', 50);
      await notes.replace('k', 'a', 'a', LONG);
      await notes.claim('short', 'a', 50);
      await gone(notes, 'short', 'a');
      equal(await notes.claim('k', 'b', LONG), 'a');
    });

    it('go when their time is over', async ({ store: { notes } }) => {
      if (notes === undefined) return;
      await notes.claim('k', 'a', 1);
      await gone(notes, 'k', 'a');
      equal(await notes.claim('k', 'c', LONG), 'b');
    });

    it('are no sessions', async (bench) => {
      await bench.store.notes?.claim('k', 'a', LONG);
      equal(await bench.listAll(10), []);
    });
  });
}

/** Resolves once a note has gone, and `b` is there instead. */
async function gone(notes: SharedNotes, key: string, text: string): Promise<void> {
  while ((await notes.claim(key, 'b', LONG)) === text) await nextTurn();
}
