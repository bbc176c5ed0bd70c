import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { LogEntry, SessionHttpOptions, SessionLoggerOptions } from 'nestjs-session-logger';
import { onCleanUp } from './clean-up.js';
import { startApp, type TestApp, type TestAppSetUp } from './test-app.js';

export const NDJSON = 'application/x-ndjson';
export const JSON_TYPE = 'application/json';

/** What a write was answered. */
export interface WriteAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The text, read as JSON when it is asked for. */
  readonly body: Record<string, unknown>;
}

/** An application into whose sessions one may write over HTTP. */
export function startWriting(
  http: SessionHttpOptions = {},
  options: SessionLoggerOptions = {},
  setUp: TestAppSetUp = {},
): Promise<TestApp> {
  return startApp({ http: { write: true, ...http }, ...options }, setUp);
}

/** Writes a batch, or what `headers` say. */
export async function post(
  { url }: TestApp,
  content: NonNullable<RequestInit['body']>,
  headers: Record<string, string> = {},
  path = '/logs/chat-1',
): Promise<WriteAnswer> {
  const answer = await fetch(url + path, {
    method: 'POST',
    body: content,
    headers: { 'content-type': NDJSON, ...headers },
    ...(content instanceof ReadableStream && { duplex: 'half' }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    get body() {
      return JSON.parse(text || '{}') as Record<string, unknown>;
    },
  };
}

/** Sends the head of a write, whose body is to follow; of two types the first counts. */
export async function beginPost({ port }: TestApp, ...headers: string[]): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  onCleanUp(() => socket.destroy());
  await once(socket, 'connect');
  const head = ['POST /logs/chat-1 HTTP/1.1', 'Host: x', ...headers, `Content-Type: ${NDJSON}`];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  return socket;
}

/** The entries of a session. */
export async function loggedIn({ logs }: TestApp, sessionId = 'chat-1'): Promise<LogEntry[]> {
  await logs.distribute({ finite: true });
  return logs.getAllLogsInQueue().filter((entry) => entry.sessionId === sessionId);
}

/** Their messages. */
export async function messagesIn(app: TestApp): Promise<string[]> {
  return messagesOf(await loggedIn(app));
}

export const messagesOf = (entries: readonly LogEntry[]): string[] => entries.map(({ message }) => message);

/** A batch. */
export const lines = (...values: unknown[]): string =>
  values.map((value) => JSON.stringify(value)).join('\n');
