import type { SessionLoggerService } from 'nestjs-session-logger';
import { startApp, type TestAppSetUp } from '../support/test-app.js';
import { CuttingProxy } from './cutting-proxy.js';
import { seeded } from './seeded.js';

const CUTS = 100;
const ENTRIES = 5_000;
const MOST_AT_ONCE = 100;

/** An event as a client told it. */
export interface ReceivedEvent {
  readonly type: string;
  readonly lastEventId: string;
  readonly data: string;
}

/** Follows a stream to `end` with a client, closes that, and gives the `message`, `gap` and `end` events it told. */
export type Follow = (origin: string, path: string) => Promise<ReceivedEvent[]>;

/** What a client told, and what it had to tell, one line an event. */
export interface Told {
  readonly told: string[];
  readonly expected: string[];
}

/** A client that is cut off again and again, of a session that retains all: each entry, once and in order. */
export async function tellAll(follow: Follow, seed: number, setUp?: TestAppSetUp): Promise<Told> {
  const { messages, events, epoch } = await cutOff(follow, seed, 50_000, setUp);
  const entries = messages.map((message, n) => `${epoch}-${n + 1} ${message}`);
  return { told: events.map(shown), expected: [...entries, `${epoch}-${messages.length + 1} end`] };
}

/** The same of a session that retains little: each entry, but for those that gaps count. */
export async function tellGaps(follow: Follow, seed: number, setUp?: TestAppSetUp): Promise<Told> {
  const { messages, events, epoch } = await cutOff(follow, seed, MOST_AT_ONCE / 2, setUp);
  expect(events.filter(({ type }) => type === 'gap').length).toBeGreaterThan(CUTS / 10);
  // Who is cut off before it has any id begins anew, at the oldest retained entry.
  let at = Number(events[0]!.lastEventId.split('-')[1]) - steps(events[0]!);
  const expected = events.map((event) => {
    at += steps(event);
    if (event.type === 'gap') return `${epoch}-${at} gap ${epoch}-${at}`;
    return `${epoch}-${at} ${event.type === 'end' ? 'end' : messages[at - 1]}`;
  });
  expect(at).toBe(messages.length + 1);
  return { told: events.map(shown), expected };
}

/** How far an event moves a client. */
function steps({ type, data }: ReceivedEvent): number {
  return type === 'gap' ? (JSON.parse(data) as { missed: number }).missed : 1;
}

function shown({ type, lastEventId, data }: ReceivedEvent): string {
  const { id, message, resumedAt } = JSON.parse(data) as Record<'id' | 'message' | 'resumedAt', string>;
  if (type === 'gap') return `${lastEventId} gap ${resumedAt}`;
  if (type === 'end') return `${lastEventId} end`;
  return id === lastEventId ? `${id} ${message}` : `${lastEventId} has the data of ${id}`;
}

/** What was logged, and what a client told of it. */
interface CutOff {
  readonly messages: readonly string[];
  readonly events: readonly ReceivedEvent[];
  /** The epoch of all ids. */
  readonly epoch: string;
}

/** Cuts a client off at random while entries flow, then lets it come to the end. */
async function cutOff(
  follow: Follow,
  seed: number,
  sessionEntries: number,
  setUp?: TestAppSetUp,
): Promise<CutOff> {
  const random = seeded(seed);
  const { logs, port } = await startApp({ http: { retry: 1 }, limits: { sessionEntries } }, setUp);
  const proxy = await CuttingProxy.start(port, CUTS, random);
  const [events, messages] = await Promise.all([
    follow(proxy.url, '/logs/chat-1'),
    logWhileCut(logs, proxy, random),
  ]);
  expect(proxy.cuts).toBe(CUTS);
  expect(proxy.cutFrames).toBeGreaterThan(CUTS / 2);
  return { messages, events, epoch: logs.getAllLogsInQueue()[0]!.id!.split('-')[0]! };
}

/** Logs at the speed of the stream, so that some entries are sent live and others after a resume. */
async function logWhileCut(
  logs: SessionLoggerService,
  proxy: CuttingProxy,
  random: () => number,
): Promise<string[]> {
  const messages: string[] = [];
  while (messages.length < ENTRIES || proxy.cuts < CUTS) {
    const before = proxy.bytes;
    for (let left = random() * MOST_AT_ONCE; left > 0; left--) {
      // Of several bytes a character, so that cuts fall inside of them too.
      const message = `${messages.length} ${'ü€🦊\n'.repeat(random() * 10)}`;
      messages.push(message);
      await logs.logChunkToQueue(message, 'chat-1');
    }
    await proxy.passed(before);
  }
  await logs.endSession('chat-1');
  return messages;
}
