import { LogEntry, type SessionRecord } from '../entry/log-entry.js';
import type { Gap } from '../entry/gap.js';
import { DEFAULT_TOKENS } from '../entry/special-tokens.js';
import type { RecordListener, RecordSource } from './record-source.js';
import { SegmentIterator } from './segment-iterator.js';

function entry(position: string, message: string): SessionRecord {
  const made = new LogEntry(`p-${position}`, 's', message, '2026-01-01T00:00:00.000Z');
  return Object.assign(made, { id: position });
}

const evicted = (resumedAt: string): Gap => ({ reason: 'evicted', resumedAt, missed: 2 });

describe('SegmentIterator', () => {
  it('tells each gap once, also where it reads anew what is behind one', async () => {
    const pages = [
      { records: [entry('e-1', 'a')], position: 'e-1', more: true, gap: undefined },
      { records: [entry('e-4', 'b')], position: 'e-4', more: false, gap: evicted('e-3') },
    ];
    const lostLater = { records: [entry('e-7', 'c')], position: 'e-7', more: false, gap: evicted('e-6') };
    let opened = 0;
    const source: RecordSource = {
      read: (after) => {
        const more = opened > 0;
        if (after === undefined) return Promise.resolve(pages[0]!);
        return Promise.resolve(after === 'e-4' ? lostLater : { ...pages[1]!, more });
      },
      follow: (_, to: RecordListener) => ({
        next: () => {
          if (opened++ === 0) to.gap(evicted('e-6'));
          return Promise.resolve({ done: opened > 1, value: undefined });
        },
      }),
    };
    const told: string[] = [];
    for await (const event of new SegmentIterator(source, DEFAULT_TOKENS, undefined))
      told.push(event.type === 'gap' ? event.gap.resumedAt : event.type);
    expect(told).toEqual(['e-3', 'snapshot', 'e-6', 'snapshot']);
  });
});
