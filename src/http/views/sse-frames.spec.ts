import { createParser, type EventSourceMessage } from 'eventsource-parser';
import fc from 'fast-check';
import { acceptEntry } from '../../entry/accept-entry.js';
import { LOG_ENTRY_LEVELS, LOG_TYPES, type LogEntry, type LogEntryInput } from '../../entry/log-entry.js';
import { END_REASONS, SessionEnd } from '../../entry/session-end.js';
import {
  COMMENT_FRAME,
  endFrame,
  entryFrame,
  FrameCache,
  gapFrame,
  jittered,
  positionFrame,
  recordFrames,
  retryFrame,
} from './sse-frames.js';

interface Decoded {
  events: EventSourceMessage[];
  retries: number[];
  comments: string[];
  errors: unknown[];
}

/** What a client makes of `frames`, received in pieces of `size`. */
function decode(frames: string, size = Infinity): Decoded {
  const decoded: Decoded = { events: [], retries: [], comments: [], errors: [] };
  const parser = createParser({
    onEvent: (event) => decoded.events.push(event),
    onRetry: (retry) => decoded.retries.push(retry),
    onComment: (comment) => decoded.comments.push(comment),
    onError: (error) => decoded.errors.push(error),
  });
  for (let at = 0; at < frames.length; at += size) parser.feed(frames.slice(at, at + size));
  return decoded;
}

const NOTHING: Decoded = { events: [], retries: [], comments: [], errors: [] };

/** Text made to break out of its line. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(
      '\n',
      '\r',
      '\r\n',
      '\0',
      '\u2028',
      '\u2029',
      '\u0085',
      '\ufeff',
      '\ud800',
      ':',
      ' ',
      'a',
    ),
  }),
  fc.constantFrom(
    '\n\nevent: x\ndata: {}\n\n',
    '\r\rid: forged-1\r\r',
    '\n\nretry: 1\n\n',
    '\n\n:\n\n',
    'data: x',
  ),
);
const id = fc
  .tuple(fc.stringMatching(/^[a-z0-9]{1,12}$/), fc.nat())
  .map(([epoch, offset]) => `${epoch}-${offset}`);
const input: fc.Arbitrary<LogEntryInput> = fc.record(
  {
    sessionId: fc.stringMatching(/^[A-Za-z0-9._~:@-]{3,128}$/),
    message: hostile,
    logType: fc.constantFrom(...LOG_TYPES),
    level: fc.constantFrom(...LOG_ENTRY_LEVELS),
    context: hostile,
    data: fc.dictionary(hostile, hostile),
  },
  { requiredKeys: ['sessionId', 'message'] },
);
const entry = fc.tuple(input, id).map(([given, at]) => stored(given, at));

function stored(given: LogEntryInput, at: string): LogEntry {
  return Object.assign(acceptEntry(given, 'p-1', '2026-11-22T14:26:00.000Z'), { id: at });
}

describe('entryFrame', () => {
  it('is exactly one event with the same data and id, whatever the entry holds and however it is cut', () => {
    fc.assert(
      fc.property(entry, fc.integer({ min: 1, max: 200 }), (one, size) => {
        const { events, ...others } = decode(entryFrame(one), size);
        expect({ ...others, events: [] }).toEqual(NOTHING);
        expect(events).toHaveLength(1);
        const [{ event, id, data }] = events as [EventSourceMessage];
        expect([event, id]).toEqual([undefined, one.id]);
        expect(JSON.parse(data)).toEqual(JSON.parse(JSON.stringify(one)));
      }),
    );
  });

  it('keeps the message as it is', () => {
    fc.assert(
      fc.property(hostile, id, (message, at) => {
        const [event] = decode(entryFrame(stored({ sessionId: 's', message }, at))).events;
        expect(JSON.parse(event!.data)).toMatchObject({ message: message.toWellFormed() });
      }),
    );
  });
});

describe('recordFrames', () => {
  it('are one event an entry, in order; ends are left out', () => {
    const end = new SessionEnd('p-2', 's', '2026-11-22T14:26:00.000Z', 'completed', undefined);
    fc.assert(
      fc.property(fc.array(fc.oneof(entry, fc.constant(end))), (records) => {
        const entries = records.filter((record) => record !== end) as LogEntry[];
        expect(decode(recordFrames(records)).events.map((event) => event.id)).toEqual(
          entries.map((one) => one.id),
        );
      }),
    );
  });
});

describe('endFrame', () => {
  it('is exactly one end event with reason and error, whatever the error says', () => {
    fc.assert(
      fc.property(fc.constantFrom(...END_REASONS), hostile, id, (reason, error, at) => {
        const end = new SessionEnd('p-1', 's', '2026-11-22T14:26:00.000Z', reason, error.toWellFormed());
        const { events, ...others } = decode(endFrame(Object.assign(end, { id: at })));
        expect({ ...others, events: [] }).toEqual(NOTHING);
        expect(events).toMatchObject([{ event: 'end', id: at }]);
        expect(JSON.parse(events[0]!.data)).toEqual({ reason, error: error.toWellFormed() });
      }),
    );
  });

  it('has no error where there was none', () => {
    const end = new SessionEnd('p-1', 's', '2026-11-22T14:26:00.000Z', 'completed', undefined);
    const frame = endFrame(Object.assign(end, { id: 'e-4' }));
    expect(frame).toBe('event: end\nid: e-4\ndata: {"reason":"completed"}\n\n');
  });
});

describe('the other frames', () => {
  it('are a position: an empty object, because clients ignore an id without data', () => {
    expect(decode(positionFrame('e-3'))).toEqual({
      ...NOTHING,
      events: [{ event: 'position', id: 'e-3', data: '{}' }],
    });
  });

  it('are a gap: what is missing, its id the position to go on from', () => {
    const gap = { reason: 'evicted', resumedAt: 'e-7', missed: 3 } as const;
    const { events } = decode(gapFrame(gap));
    expect(events).toEqual([{ event: 'gap', id: 'e-7', data: JSON.stringify(gap) }]);
  });

  it('are a retry and a comment, which no listener sees', () => {
    expect(decode(retryFrame(2_000) + COMMENT_FRAME)).toEqual({
      ...NOTHING,
      retries: [2_000],
      comments: [''],
    });
  });
});

describe('jittered', () => {
  it('is a whole number between half and one and a half', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (ms) => {
        const time = jittered(ms);
        expect(Number.isInteger(time)).toBe(true);
        expect(time).toBeGreaterThanOrEqual(Math.floor(ms / 2));
        expect(time).toBeLessThanOrEqual(Math.ceil(ms * 1.5));
      }),
    );
  });
});

describe('FrameCache', () => {
  it('makes the bytes of a batch once for all who are given the same one', () => {
    const frames = new FrameCache();
    const batch = [stored({ sessionId: 's', message: 'é' }, 'e-1')];
    const bytes = frames.of(batch);
    expect(frames.of(batch)).toBe(bytes);
    expect(bytes.toString()).toBe(recordFrames(batch));
    expect(frames.of([...batch])).not.toBe(bytes);
  });
});
