import { messageOf } from '../session-logger.errors.js';
import { printable } from '../sinks/terminal/terminal-text.js';
import type { Arguments } from './arguments.js';
import type { Context } from './context.js';

/** A session of a list, as the endpoint has it. */
interface ListedSession {
  readonly sessionId: string;
  readonly state: string;
  readonly lastAt: string;
  readonly entries: number;
  readonly readers: number;
}

interface Page {
  readonly sessions: readonly ListedSession[];
  readonly cursor?: string;
}

/**
 * Lists the sessions that a server has, page by page.
 *
 * @throws Error where the server refuses or cannot be reached
 */
export async function sessions(
  { target, headers, json }: Arguments,
  { output, signal }: Context,
): Promise<number> {
  let cursor: string | undefined;
  do {
    const page = await readPage(target, cursor, headers, signal);
    await output.write(
      page.sessions.map((session) => (json ? `${JSON.stringify(session)}\n` : rowOf(session))).join(''),
    );
    ({ cursor } = page);
  } while (cursor !== undefined);
  return 0;
}

async function readPage(
  target: string,
  cursor: string | undefined,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Page> {
  const url = new URL(target);
  url.searchParams.set('limit', '100');
  if (cursor !== undefined) url.searchParams.set('cursor', cursor);
  const response = await fetch(url, { headers, signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new Error(
      `${target} cannot be reached: ${messageOf((error as Error).cause ?? error)}. Is the server running there?`,
    );
  });
  if (response.ok) return (await response.json()) as Page;
  const hint = response.status === 404 ? ' Is the list switched on, by http: { list: true }?' : '';
  throw new Error(`${target} was answered ${response.status}.${hint}`);
}

function rowOf({ sessionId, state, lastAt, entries, readers }: ListedSession): string {
  const counts = `${String(entries).padStart(7)} entries ${String(readers).padStart(4)} readers`;
  return `${printable(`${lastAt}  ${state.padEnd(9)} ${counts}  ${sessionId}`)}\n`;
}
