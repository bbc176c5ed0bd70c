import { cleanUp } from './support/clean-up.js';
import {
  EventStream,
  isEntry,
  isEvent,
  messagesOf,
  type EventFrame,
  type Frame,
} from './support/event-stream.js';
import { endSession, logChat, startApp } from './support/test-app.js';
import { until } from './support/turns.js';

afterEach(cleanUp);

describe('a client too many', () => {
  it('is told to come back, and is let in once another has gone', async () => {
    const { url, logs } = await startApp({ limits: { readersPerSession: 1 } });
    const first = await EventStream.open(`${url}/logs/chat-1`);
    await first.until(isEvent('position'));
    const second = await EventStream.open(`${url}/logs/chat-1`);
    expect(second.status).toBe(200);
    expect(await second.rest()).toEqual([{ retry: expect.any(Number) }]);
    first.close();
    await until(() => logs.stats().readers === 0);
    const third = await EventStream.open(`${url}/logs/chat-1`);
    await third.until(isEvent('position'));
  });
});

describe('a client that takes nothing', () => {
  it('is cut off after writeTimeout, holding little, and resumes exactly when it comes back', async () => {
    const limits = { sessionBytes: 2 ** 30, totalBytes: 2 ** 30 };
    const { url, logs } = await startApp({ http: { writeTimeout: 500 }, limits });
    const stalled = await EventStream.open(`${url}/logs/chat-1`);
    const [position] = (await stalled.until(isEvent('position'))).slice(-1) as EventFrame[];
    stalled.pause();
    const sent = Array.from({ length: 100 }, (_, n) => `${n} ${'x'.repeat(2 ** 17)}`);
    await logChat(logs, 'chat-1', ...sent);
    await until(() => logs.stats().readers === 0);
    stalled.resume();
    const received = await stalled.rest();
    expect(stalled.over).toBe('aborted');
    const last = (received.findLast(isEntry) ?? position) as EventFrame;
    await endSession(logs, 'chat-1');
    const back = await EventStream.open(`${url}/logs/chat-1`, { 'Last-Event-ID': last.id! });
    const rest = await back.rest();
    expect(rest.some(isEvent('gap'))).toBe(false);
    expect(numbersOf([...received, ...rest])).toEqual(sent.map((_, n) => n));
  });
});

function numbersOf(frames: Frame[]): number[] {
  return messagesOf(frames).map((message) => Number.parseInt(message, 10));
}
