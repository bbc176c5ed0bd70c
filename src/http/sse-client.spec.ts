import type { ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { acceptEntry } from '../entry/accept-entry.js';
import type { LogEntry, SessionRecord } from '../entry/log-entry.js';
import { SessionEnd } from '../entry/session-end.js';
import { resolveOptions } from '../options/resolve-options.js';
import type { SessionReader } from '../store/session-store.interface.js';
import { EventStream } from './event-stream.js';
import { SseClient, type SseClientOptions } from './sse-client.js';
import type { EntryFilter } from './entry-filter.js';
import { EntryView } from './views/entry-view.js';
import {
  COMMENT_FRAME,
  entryFrame,
  EVENT_STREAM,
  FrameCache,
  positionFrame,
  retryFrame,
} from './views/sse-frames.js';

/** A reader that is handed its entries by the test. */
class HandedReader implements SessionReader {
  position = 'e-0';
  ended = false;
  closed = false;
  readonly gap = undefined;
  private readonly batches: SessionRecord[][] = [];
  private listener = (): void => {};

  hand(...records: SessionRecord[]): void {
    this.batches.push(records);
    this.listener();
  }

  read(): SessionRecord[] | undefined {
    const batch = this.batches.shift();
    this.position = batch?.at(-1)?.id ?? this.position;
    return batch;
  }

  wait(listener: () => void): void {
    this.listener = listener;
  }

  close(): void {
    this.closed = true;
  }
}

/** A response whose socket takes as much as `highWaterMark` says until it is read. */
class FakeResponse extends PassThrough {
  setTimeout(): this {
    return this;
  }

  setHeader(): void {}
  writeHead(): void {}
  flushHeaders(): void {}

  /** What was written since the last time. */
  taken(): string {
    return String((this.read() as Buffer | null) ?? '');
  }
}

const entry = (n: number, logType: 'chat' | 'log'): LogEntry =>
  Object.assign(
    acceptEntry({ sessionId: 's', message: 'm', logType }, `p-${n}`, '2026-11-22T14:26:00.000Z'),
    {
      id: `e-${n}`,
    },
  );

const chatOnly = ({ logType }: Pick<LogEntry, 'logType'>): boolean => logType === 'chat';

describe('SseClient', () => {
  const defaults = resolveOptions().http;
  let reader: HandedReader;
  let response: FakeResponse;
  let client: SseClient;

  const serve = (
    { filter, ...options }: Partial<SseClientOptions> & { filter?: EntryFilter } = {},
    highWaterMark = 65_536,
  ): void => {
    reader = new HandedReader();
    response = new FakeResponse({ highWaterMark });
    const { retry, heartbeat, writeTimeout } = defaults;
    const stream = new EventStream(response as unknown as ServerResponse, EVENT_STREAM);
    client = new SseClient(stream, reader, new EntryView(new FrameCache(), retry, filter, undefined), {
      retry,
      heartbeat,
      writeTimeout,
      expiresAt: undefined,
      onClose: () => {},
      onError: () => {},
      ...options,
    });
    client.start();
  };

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  });

  afterEach(async () => {
    const closing = client.close();
    response.resume();
    await closing;
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  it('sends a comment after every 15 s of silence by default, and none before', () => {
    serve();
    response.taken();
    jest.advanceTimersByTime(14_999);
    expect(response.taken()).toBe('');
    jest.advanceTimersByTime(1);
    expect(response.taken()).toBe(COMMENT_FRAME);
    jest.advanceTimersByTime(15_000);
    expect(response.taken()).toBe(COMMENT_FRAME);
  });

  it('is cut off, and spares who woke it, when its reader throws', async () => {
    const errors: unknown[] = [];
    serve({ onError: (error) => errors.push(error) });
    jest.spyOn(reader, 'read').mockImplementation(() => {
      throw new Error('store is broken');
    });
    reader.hand(entry(1, 'chat'));
    expect(errors).toEqual([expect.objectContaining({ message: 'store is broken' })]);
    expect(response.destroyed).toBe(true);
    await setImmediate();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('counts silence from the last frame', () => {
    serve();
    jest.advanceTimersByTime(10_000);
    reader.hand(entry(1, 'chat'));
    response.taken();
    jest.advanceTimersByTime(14_999);
    expect(response.taken()).toBe('');
    jest.advanceTimersByTime(1);
    expect(response.taken()).toBe(COMMENT_FRAME);
  });

  it('sends no comment with heartbeat: false', () => {
    serve({ heartbeat: false });
    response.taken();
    jest.advanceTimersByTime(3_600_000);
    expect(response.taken()).toBe('');
  });

  it.each([false, 15_000, 60_000, 3_600_000] as const)(
    'moves the position over what a filter left out within 15 s, with heartbeat %p',
    (heartbeat) => {
      serve({ heartbeat, filter: chatOnly });
      response.taken();
      reader.hand(entry(1, 'log'));
      jest.advanceTimersByTime(15_000);
      expect(response.taken()).toBe(positionFrame('e-1'));
    },
  );

  it('keeps a heartbeat above 15 s with a filter, too', () => {
    serve({ heartbeat: 60_000, filter: chatOnly });
    response.taken();
    jest.advanceTimersByTime(59_999);
    expect(response.taken()).toBe('');
    jest.advanceTimersByTime(1);
    expect(response.taken()).toBe(COMMENT_FRAME);
  });

  it('tells no end that entries follow, though it is the last of what was read', () => {
    serve();
    response.taken();
    const end = new SessionEnd('p-1', 's', '2026-11-22T14:26:00.000Z', 'completed', undefined);
    reader.hand(Object.assign(end, { id: 'e-1' }));
    reader.hand(entry(2, 'chat'));
    expect(response.taken()).toBe(entryFrame(entry(2, 'chat')));
  });

  it('ends at expiresAt, also when that is beyond the longest timer', () => {
    const days = 60 * 86_400_000;
    serve({ heartbeat: false, expiresAt: Date.now() + days });
    response.taken();
    jest.advanceTimersByTime(days - 1);
    expect(reader.closed).toBe(false);
    jest.advanceTimersByTime(1);
    expect(reader.closed).toBe(true);
    expect(response.taken()).toBe(retryFrame(defaults.retry));
  });

  it('writes no more once its socket is full, and goes on when it is drained', async () => {
    serve({}, 1);
    for (let n = 1; n <= 3; n++) reader.hand(entry(n, 'chat'));
    jest.advanceTimersByTime(60_000);
    expect(reader.position).toBe('e-0');
    let text = '';
    response.on('data', (chunk) => (text += String(chunk)));
    while (!text.includes('id: e-3\n')) await setImmediate();
    expect(text).toBe(
      retryFrame(defaults.retry) +
        positionFrame('e-0') +
        [1, 2, 3].map((n) => entryFrame(entry(n, 'chat'))).join(''),
    );
  });

  it('ends a client within half a second that does not take its last frames', async () => {
    serve({}, 1);
    for (let n = 1; n <= 3; n++) reader.hand(entry(n, 'chat'));
    const closing = client.close();
    jest.advanceTimersByTime(500);
    await closing;
    expect(response.destroyed).toBe(true);
    expect(reader.closed).toBe(true);
  });
});
