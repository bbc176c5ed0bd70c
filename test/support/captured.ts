import { expect } from '@jest/globals';
import type { CaptureOutcome, SessionLoggerService } from 'nestjs-session-logger';
import { collectSession } from 'nestjs-session-logger/testing';

let run = 0;

/** Captures a source into a session of its own, and tells what that was given: messages, with their data where there is some. */
export async function capturedIn(
  logs: SessionLoggerService,
  source: Parameters<SessionLoggerService['capture']>[1],
): Promise<{ outcome: CaptureOutcome; entries: unknown[] }> {
  const sessionId = `captured-${++run}`;
  const outcome = await logs.capture(sessionId, source);
  const { entries, end } = await collectSession(logs, sessionId);
  expect(end?.reason).toBe(outcome.reason);
  return {
    outcome,
    entries: entries.map(({ message, data }) => (data === undefined ? message : [message, data])),
  };
}
