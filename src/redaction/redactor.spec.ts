import { jest } from '@jest/globals';
import fc from 'fast-check';
import { LogEntry, type LogType, type SessionRecord } from '../entry/log-entry.js';
import { SessionEnd } from '../entry/session-end.js';
import { CentralQueue, type CentralQueueBounds } from '../queue/central-queue.js';
import { Redactor, type RedactorBounds } from './redactor.js';
import type { ResolvedRedactOptions } from './redact-options.js';

const OPTIONS: ResolvedRedactOptions = {
  paths: [],
  patterns: ['sk', 'email', 'card'],
  replace: '***',
  holdMs: 2_000,
};
const SECRET = 'sk-proj-abcdefGHIJKL0123456789';
const ROOMY: CentralQueueBounds = {
  queueEntries: 1_000,
  queueBytes: 1_000_000,
  overflow: 'wait',
  waiting: 1_000,
  waitingBytes: 1_000_000,
};

interface SetUp {
  bounds?: Partial<CentralQueueBounds>;
  held?: Partial<RedactorBounds>;
  options?: Partial<ResolvedRedactOptions>;
}

function setUp({ bounds, held, options }: SetUp = {}): { queue: CentralQueue; redactor: Redactor } {
  const queue = new CentralQueue({ ...ROOMY, ...bounds });
  const limits = {
    queueEntries: 1_000,
    queueBytes: 1_000_000,
    messageBytes: 1_000_000,
    sessions: 100,
    ...held,
  };
  const redactor = new Redactor({ ...OPTIONS, ...options }, queue, limits, (error) => {
    throw error;
  });
  return { queue, redactor };
}

const chat = (message: string, sessionId = 's', logType: LogType = 'chat'): LogEntry =>
  new LogEntry('p-1', sessionId, message, '', logType);
const log = (message: string, sessionId = 's'): LogEntry => chat(message, sessionId, 'log');
const end = (sessionId = 's'): SessionEnd => new SessionEnd('p-1', sessionId, '', 'completed', undefined);

/** What lies in the queue by now, in order, which is taken out. */
function taken(queue: CentralQueue): string[] {
  return queue.takeAll().map((record) => (record instanceof LogEntry ? record.message : 'END'));
}

describe('Redactor', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('lets through at once what can be no secret', () => {
    const { queue, redactor } = setUp();
    for (const message of ['Hello ', 'world.', '', 'sk, ']) void redactor.push(chat(message));
    expect(taken(queue)).toEqual(['Hello ', 'world.', '', 'sk, ']);
    expect(redactor.counts).toEqual({ held: 0, masked: 0 });
  });

  describe('where several speak', () => {
    const said = (message: string, context?: string, toolCallId?: string): LogEntry =>
      new LogEntry(
        'p-1',
        's',
        message,
        '',
        'chat',
        undefined,
        context,
        toolCallId === undefined ? undefined : { toolCallId },
      );

    it('finds secrets whose pieces come by turns with those of another text', () => {
      const { queue, redactor } = setUp();
      const [half, rest] = [SECRET.slice(0, 5), SECRET.slice(5)];
      const one = (message: string): LogEntry => said(message, undefined, 'a');
      const other = (message: string): LogEntry => said(message, undefined, 'b');
      for (const entry of [one(`"${half}`), other('{}'), one(`${rest}"`), other(' '), said(half), one('x')])
        void redactor.push(entry);
      void redactor.push(said(`${rest} `));
      redactor.release();
      expect(taken(queue)).toEqual(['"***', '{}', '"', ' ', '***', 'x', ' ']);
    });

    it('masks nothing of what one says behind a secret of somebody else', () => {
      const { queue, redactor } = setUp();
      for (const entry of [said('I am bob@example.com', 'user'), said('Thanks'), said(', noted. ')])
        void redactor.push(entry);
      expect(taken(queue)).toEqual(['I am ***', 'Thanks', ', noted. ']);
      void redactor.push(said('sk-', 'user'));
      void redactor.push(said('Yes', 'user'));
      expect(taken(queue)).toEqual([]);
      void redactor.push(said('What about it?'));
      expect(taken(queue)).toEqual(['***', '', 'What about it?']);
    });

    it('keeps what one says after an end behind a secret before it', () => {
      const { queue, redactor } = setUp();
      for (const record of [said('I am bob@example.com', 'bot'), said('ok. ', 'user'), end()])
        void redactor.push(record);
      void redactor.push(said('Thanks! ', 'bot'));
      expect(taken(queue)).toEqual(['I am ***', 'ok. ', 'END', 'Thanks! ']);
    });

    it('gives all on, in order, and masks what is whole, whoever speaks in which pieces', () => {
      const speaker = fc.constantFrom(
        ['user', undefined],
        ['bot', undefined],
        [undefined, 'a'],
        [undefined, 'b'],
      );
      const text = fc.constantFrom('a', 'sk-', 'abcdefGHIJKL0123456789', ' ', 'bob@', 'example.com', '. ');
      fc.assert(
        fc.property(fc.array(fc.tuple(speaker, text), { maxLength: 30 }), (pieces) => {
          const { queue, redactor } = setUp();
          for (const [[context, call], message] of pieces) void redactor.push(said(message, context, call));
          redactor.release();
          const records = queue.takeAll() as LogEntry[];
          expect(records.map(({ context, data }) => [context, data?.['toolCallId']])).toEqual(
            pieces.map(([who]) => who),
          );
          for (const voice of ['a', 'b', 'bot']) {
            const all = records.filter(({ data, context }) => (data?.['toolCallId'] ?? context) === voice);
            expect(all.map(({ message }) => message).join('')).not.toMatch(/\bsk-\w{20}|bob@example\.com/);
          }
          expect(redactor.counts.held).toBe(0);
        }),
        { numRuns: 1_000 },
      );
    });
  });

  it('holds a chunk that may begin a secret, and all of its session behind it, until it cannot', () => {
    const { queue, redactor } = setUp();
    expect(redactor.push(chat('key: s'))).toBeUndefined();
    void redactor.push(log('a line'));
    void redactor.push(chat('nothing. ', 'other'));
    expect(redactor.isHolding('s')).toBe(true);
    expect(redactor.isHolding('other')).toBe(false);
    expect(redactor.counts.held).toBe(2);
    expect(taken(queue)).toEqual(['nothing. ']);
    void redactor.push(chat('ee! '));
    expect(taken(queue)).toEqual(['key: s', 'a line', 'ee! ']);
    expect(redactor.counts.held).toBe(0);
  });

  it('masks a secret that is spread over chunks, once, in the chunk where it begins', () => {
    const { queue, redactor } = setUp();
    for (const message of ['key: sk-pro', 'j-abcdefGHIJKL', '0123456789, ', 'ok! ']) {
      void redactor.push(chat(message));
    }
    expect(taken(queue)).toEqual(['key: ***', '', ', ', 'ok! ']);
    expect(redactor.counts).toEqual({ held: 0, masked: 1 });
  });

  it('masks after holdMs what its prefix gives away, and what continues it later', () => {
    const { queue, redactor } = setUp();
    void redactor.push(chat('key: sk-proj-abc'));
    jest.advanceTimersByTime(1_999);
    expect(taken(queue)).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(taken(queue)).toEqual(['key: ***']);
    jest.advanceTimersByTime(60_000);
    void redactor.push(chat('defGHIJKL0123456789. '));
    expect(taken(queue)).toEqual(['. ']);
  });

  it('gives out after holdMs what may be an ordinary word, and masks what then turns it into a secret', () => {
    const { queue, redactor } = setUp();
    void redactor.push(chat('This is'));
    jest.advanceTimersByTime(2_000);
    expect(taken(queue)).toEqual(['This is']);
    void redactor.push(chat(' a task of s'));
    jest.advanceTimersByTime(2_000);
    void redactor.push(chat('k-proj-abcdefGHIJKL0123456789. '));
    expect(taken(queue)).toEqual([' a task of s', '***. ']);
  });

  it('counts holdMs from the oldest chunk that is held, however slowly others come', () => {
    const { queue, redactor } = setUp();
    const shown: string[] = [];
    for (const message of ['a', 'b', 'c', 'd', 'e', 'f']) {
      void redactor.push(chat(message));
      jest.advanceTimersByTime(500);
      shown.push(taken(queue).join(''));
    }
    expect(shown).toEqual(['', '', '', 'abcd', '', '']);
  });

  it('lets go at an end, and forgets what was said', () => {
    const { queue, redactor } = setUp();
    void redactor.push(chat('write to x'));
    void redactor.push(end());
    void redactor.push(chat(`${SECRET}, ok? `));
    expect(taken(queue)).toEqual(['write to x', 'END', '***, ok? ']);
  });

  it('masks what comes of a secret behind an end that cut it', () => {
    const { queue, redactor } = setUp();
    void redactor.push(chat(`my key is ${SECRET.slice(0, 20)}`));
    void redactor.push(end());
    void redactor.push(chat(`${SECRET.slice(20)}. `));
    expect(taken(queue)).toEqual(['my key is ***', 'END', '. ']);
  });

  it('lets go of all sessions when it is to release', () => {
    const { queue, redactor } = setUp();
    void redactor.push(chat('one', 'a'));
    void redactor.push(chat('sk-two', 'b'));
    void redactor.push(log('behind', 'b'));
    redactor.release();
    expect(taken(queue)).toEqual(['one', '***', 'behind']);
    expect(redactor.counts.held).toBe(0);
    expect(jest.getTimerCount()).toBeLessThanOrEqual(2);
    jest.advanceTimersByTime(4_000);
    expect(taken(queue)).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('never shows a secret, wherever it is split and at every pace under holdMs', () => {
    const canaries = [SECRET, 'jane.doe+x@mail.example.com', '4111 1111 1111 1111'];
    const paces = [0, 1, 20, 500, 1_000, 1_999];
    const { queue, redactor } = setUp();
    for (const canary of canaries) {
      for (const pace of paces) {
        for (let at = 1; at < canary.length; at++) {
          for (const piece of [`It is ${canary.slice(0, at)}`, `${canary.slice(at)}. Keep it! `]) {
            void redactor.push(chat(piece));
            jest.advanceTimersByTime(pace);
          }
          expect(taken(queue).join('')).toBe('It is ***. Keep it! ');
        }
      }
    }
  });

  it('shows no more of one that comes letter by letter than stands before its prefix is complete', () => {
    for (const pace of [0, 20, 300, 1_999, 2_001]) {
      const { queue, redactor } = setUp();
      for (const letter of `It is ${SECRET}. Keep it! `) {
        void redactor.push(chat(letter));
        jest.advanceTimersByTime(pace);
      }
      redactor.release();
      expect(taken(queue).join('')).toMatch(/^It is (?:sk?)?\*\*\*\. Keep it! $/);
    }
  });

  it('keeps the order of each session, and loses and doubles nothing', () => {
    const session = fc.constantFrom('a', 'b');
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('chat'),
        session,
        text: fc.constantFrom('s', 'sk-', 'x. ', 'jane@', ' ', '4'),
      }),
      fc.record({ kind: fc.constantFrom('log', 'end', 'wait', 'release'), session, text: fc.constant('') }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.boolean(), (steps, isSmall) => {
        const { queue, redactor } = setUp(isSmall ? { held: { queueEntries: 3, sessions: 1 } } : {});
        const pushed: SessionRecord[] = [];
        const push = (record: SessionRecord): void => {
          pushed.push(record);
          void redactor.push(record);
        };
        for (const { kind, session, text } of steps) {
          if (kind === 'chat') push(chat(text, session));
          else if (kind === 'log') push(log('a line', session));
          else if (kind === 'end') push(end(session));
          else if (kind === 'wait') jest.advanceTimersByTime(700);
          else redactor.release();
        }
        redactor.release();
        const out = queue.takeAll();
        for (const id of ['a', 'b']) {
          const of = (records: SessionRecord[]): SessionRecord[] =>
            records.filter(({ sessionId }) => sessionId === id);
          expect(of(out)).toEqual(of(pushed));
          of(out).forEach((record, index) => expect(record).toBe(of(pushed)[index]));
        }
        expect(redactor.counts.held).toBe(0);
      }),
    );
  });

  it('holds within the bounds of the queue: the session that has held longest is let go', () => {
    const { queue, redactor } = setUp({ held: { queueEntries: 3 } });
    for (const id of ['a', 'b', 'c', 'd']) void redactor.push(chat(`${id}-sk`, id));
    expect(redactor.counts.held).toBe(3);
    expect(taken(queue)).toEqual(['a-sk']);
    const long = setUp({ held: { queueBytes: 2_000 } });
    void long.redactor.push(chat(`${'x'.repeat(2_000)} sk`));
    expect(taken(long.queue)).toHaveLength(1);
  });

  it('remembers so many sessions, the ones logged to last', () => {
    const { queue, redactor } = setUp({ held: { sessions: 2 } });
    void redactor.push(chat('sk-abc', 'a'));
    for (const id of ['b', 'c']) void redactor.push(chat('Hello! ', id));
    expect(taken(queue)).toEqual(['Hello! ', 'Hello! ']);
    expect(redactor.isHolding('a')).toBe(true);
    void redactor.push(chat('sk-def', 'd'));
    void redactor.push(chat('sk-ghi', 'e'));
    expect(taken(queue)).toEqual(['***']);
    expect(redactor.isHolding('a')).toBe(false);
  });

  it('refuses what a full queue refuses, and then holds nothing of it', () => {
    const { queue, redactor } = setUp({ bounds: { queueEntries: 1, overflow: 'reject' } });
    void redactor.push(chat('sk'));
    void redactor.push(chat('full. ', 'other'));
    expect(() => redactor.push(chat('-proj-abc'))).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }));
    expect(() => redactor.pushAll([chat('a'), chat('b')])).toThrow(
      expect.objectContaining({ code: 'QUEUE_FULL' }),
    );
    expect(redactor.counts.held).toBe(1);
    redactor.release();
    expect(taken(queue)).toEqual(['full. ', 'sk']);
  });

  it('has callers wait for the room that what they let go needs', async () => {
    const { queue, redactor } = setUp({ bounds: { queueEntries: 1 } });
    void redactor.push(chat('full. ', 'other'));
    expect(redactor.push(chat('sk'))).toBeUndefined();
    let isIn = false;
    const waiting = redactor.push(chat('ip. '))!.then(() => (isIn = true));
    await Promise.resolve();
    expect(isIn).toBe(false);
    expect(taken(queue)).toEqual(['full. ', 'sk', 'ip. ']);
    await waiting;
  });

  it('takes many together, or none', () => {
    const { queue, redactor } = setUp();
    void redactor.pushAll([chat('sk-proj-abcdefG'), chat('HIJKL0123456789. '), chat('and s')]);
    expect(taken(queue)).toEqual(['***', '. ']);
    redactor.forget('s');
    expect(taken(queue)).toEqual(['and s']);
  });

  it('holds nothing where there are only paths', () => {
    const { queue, redactor } = setUp({ options: { patterns: [], paths: ['data.password'] } });
    void redactor.push(chat('sk-'));
    expect(taken(queue)).toEqual(['sk-']);
  });
});
