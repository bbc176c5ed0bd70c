import type { SessionLoggerService, SessionSegment, SessionSegmentEvent } from 'nestjs-session-logger';
import { SegmentList } from 'nestjs-session-logger/client';

/** What one has who has been given these. */
export function shown(events: readonly SessionSegmentEvent[]): SessionSegment[] {
  const list = new SegmentList();
  for (const event of events) if (event.type !== 'gap') list.apply(event);
  return list.all();
}

/** A reply with everything in it, some of it in one entry. */
export async function reply(logs: SessionLoggerService, sessionId: string): Promise<void> {
  await logs.capture(
    sessionId,
    [
      { type: 'reasoning-delta', text: 'wh' },
      { type: 'reasoning-delta', text: 'y' },
      { type: 'text-delta', text: 'So <b>' },
      { type: 'tool-call', toolCallId: 'c', toolName: 'f', input: { a: 1 } },
      { type: 'tool-result', toolCallId: 'c', toolName: 'f', output: [1] },
    ],
    { end: false },
  );
  await logs.logChunkToQueue('a<think>b</think>c<thi', sessionId);
  await logs.logEntryToQueue({ sessionId, message: 'done', logType: 'log', level: 'warn', context: 'Chat' });
  await logs.logChunkToQueue('nk>d', sessionId);
  await logs.endSession(sessionId);
  await logs.distribute({ finite: true });
}

/** What one shows of {@link reply}. */
export const SHOWN = [
  ['reasoning', 'why'],
  ['text', 'So <b>'],
  ['tool', ''],
  ['text', 'a'],
  ['reasoning', 'b'],
  ['text', 'c'],
  ['log', 'done'],
  ['reasoning', 'd'],
].map(([kind, text]) => expect.objectContaining({ kind, text, complete: true }) as unknown);
