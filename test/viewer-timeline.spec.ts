import { pathToFileURL } from 'node:url';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { SegmentUpdate, SessionSegment } from 'nestjs-session-logger';
import { builtClient } from './support/built-client.js';
import { tempDir } from './support/temp-dir.js';

interface Timeline {
  apply(update: SegmentUpdate): void;
  addGap(gap: object): void;
  addNotice(kind: string, text: string): void;
  items(): { key: string; kind: string; text: string }[];
}

/** The page's own, beside the client as it is served. */
async function newTimeline(most: object): Promise<Timeline> {
  const dir = tempDir();
  builtClient(dir);
  cpSync('src/http/viewer/page', join(dir, 'page'), { recursive: true });
  const url = pathToFileURL(join(dir, 'page/timeline.js')).href;
  const { Timeline: Made } = (await import(url)) as { Timeline: new (most: object) => Timeline };
  return new Made(most);
}

const segment = (at: number, text = `${at}`): SessionSegment => ({
  key: `e-${at}.0`,
  kind: 'text',
  timestamp: '2026-01-01T00:00:00.000Z',
  text,
  complete: true,
});

describe('what the viewer holds of a session', () => {
  it('is bounded by number: the older half is left out, which is told', async () => {
    const timeline = await newTimeline({ segments: 10 });
    timeline.apply({ type: 'snapshot', segments: [segment(0)] });
    timeline.addNotice('notice', 'goes with it');
    for (let at = 1; at <= 10; at++) timeline.apply({ type: 'start', segment: segment(at) });
    const items = timeline.items();
    expect(items.map(({ kind }) => kind)).toEqual(['gap', 'text', 'text', 'text', 'text', 'text']);
    expect(items.at(-1)!.text).toBe('10');
    timeline.apply({ type: 'delta', key: 'e-10.0', text: '!' });
    expect(timeline.items().at(-1)!.text).toBe('10!');
  });

  it('is bounded by what tools were given and returned, too', async () => {
    const timeline = await newTimeline({ characters: 1_000 });
    for (let at = 0; at < 10; at++) {
      const made: SessionSegment = { ...segment(at, ''), kind: 'tool', complete: false };
      timeline.apply({ type: 'start', segment: made });
      timeline.apply({ type: 'end', key: made.key, input: 'x'.repeat(200) });
      timeline.apply({ type: 'result', key: made.key, output: ['x'.repeat(200)] });
    }
    expect(timeline.items().length).toBeLessThan(4);
  });

  it('tells that the beginning has gone, once', async () => {
    const timeline = await newTimeline({});
    timeline.addGap({ reason: 'evicted', resumedAt: 'e-4', missed: 2 });
    timeline.apply({ type: 'snapshot', segments: [segment(5)], missed: 4 });
    expect(timeline.items().map(({ text }) => text)).toEqual(['The first 4 entries are no longer kept', '5']);
  });

  it('is bounded in what it tells of the connection while nothing is logged', async () => {
    const timeline = await newTimeline({});
    timeline.apply({ type: 'snapshot', segments: [segment(0)] });
    for (let count = 0; count < 250; count++) timeline.addNotice('notice', `${count}`);
    expect(timeline.items()).toHaveLength(101);
    expect(timeline.items().at(-1)!.text).toBe('249');
  });

  it('tells each gap where it is, and keeps what was told before', async () => {
    const timeline = await newTimeline({});
    timeline.apply({ type: 'snapshot', segments: [segment(1), segment(2)] });
    timeline.addNotice('notice', 'lost');
    const gap = (resumedAt: string, missed: number): void =>
      timeline.addGap({ reason: 'evicted', resumedAt, missed });
    gap('e-4', 2);
    gap('e-4', 2);
    gap('e-7', 1);
    timeline.apply({ type: 'snapshot', segments: [1, 2, 5, 8].map((at) => segment(at)) });
    expect(timeline.items().map(({ text }) => text)).toEqual([
      '1',
      '2',
      'lost',
      '2 entries are missing here (evicted)',
      '5',
      '1 entry is missing here (evicted)',
      '8',
    ]);
    timeline.addGap({ reason: 'epoch', resumedAt: 'f-0', missed: null });
    timeline.apply({ type: 'snapshot', segments: [segment(1)] });
    expect(timeline.items().map(({ kind }) => kind)).toEqual(['gap', 'text']);
  });

  it('is bounded by characters, but for the newest one', async () => {
    const timeline = await newTimeline({ characters: 100 });
    timeline.apply({ type: 'snapshot', segments: [] });
    for (let at = 0; at < 4; at++) timeline.apply({ type: 'start', segment: segment(at, 'x'.repeat(20)) });
    timeline.apply({ type: 'delta', key: 'e-3.0', text: 'x'.repeat(200) });
    expect(timeline.items().map(({ text }) => text.length)).toEqual([expect.any(Number), 220]);
  });
});
