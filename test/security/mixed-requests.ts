import type { Pool } from 'undici';

export const USERS = ['alice', 'bob'] as const;
export type User = (typeof USERS)[number];

/** Sessions of each user that are read, and those that are made, deleted and made again. */
export const KEPT = 5;
export const PASSING = 3;

/** What each entry of a user says: what another one must never see. */
export const markOf = (user: User): string => `<<${user}>>`;

export const otherOf = (user: User): User => (user === 'alice' ? 'bob' : 'alice');

/** One answer, and whose question about whose session it was. */
export interface Answered {
  readonly action: string;
  readonly user: User;
  readonly owner: User;
  readonly status: number;
  readonly body: string;
}

/** A request for one action on one session. */
interface Asked {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

type Actions = Readonly<Record<string, (id: string, user: User, random: () => number) => Asked>>;

const ndjson = (...entries: object[]): string => entries.map((entry) => JSON.stringify(entry)).join('\n');
const POSITIONS = ['0-0', '1-1', 'x', '%0d%0aevent: x', '99999999-1'];

const ACTIONS: Actions = {
  read: (id, _, random) => ({
    method: 'GET',
    path: `/logs/${id}?${random() < 0.5 ? 'type=chat' : 'from=start'}`,
    headers: { ...(random() < 0.3 && { 'last-event-id': pick(POSITIONS, random) }) },
  }),
  history: (id, _, random) => ({
    method: 'GET',
    path: `/logs/${id}/history?limit=${1 + Math.floor(random() * 50)}`,
  }),
  list: () => ({ method: 'GET', path: '/logs?limit=1000' }),
  write: (id, user, random) => ({
    method: 'POST',
    path: `/logs/${id}`,
    headers: {
      'content-type': 'application/x-ndjson',
      // The same keys for both: those of one must not answer the other.
      ...(random() < 0.5 && { 'idempotency-key': `key-${Math.floor(random() * 100)}-${id}` }),
    },
    body: ndjson({ message: markOf(user) }, { message: markOf(user), logType: 'log', level: 'warn' }),
  }),
  cancel: (id, user) => ({
    method: 'POST',
    path: `/logs/${id}/cancel`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ reason: markOf(user) }),
  }),
  delete: (id, _, random) => ({ method: 'DELETE', path: `/logs/${id}?files=${random() < 0.2}` }),
};

/** Asks for one random action on one random session, in the name of a random user. */
export async function askAnything(pool: Pool, random: () => number): Promise<Answered> {
  const user = pick(USERS, random);
  const owner = random() < 0.5 ? user : otherOf(user);
  const action = pick(Object.keys(ACTIONS), random);
  // A stream of a session that is gone has nothing to show until it is there again.
  const isKept = action === 'read' || (action !== 'delete' && action !== 'cancel' && random() < 0.7);
  const id = isKept
    ? `${owner}-kept-${Math.floor(random() * KEPT)}`
    : `${owner}-passing-${Math.floor(random() * PASSING)}`;
  const { headers, ...asked } = ACTIONS[action]!(id, user, random);
  const answer = await pool.request({ ...asked, headers: { ...headers, authorization: `Bearer ${user}` } });
  const body =
    action === 'read' && answer.statusCode === 200
      ? await beginningOf(answer.body)
      : await answer.body.text();
  return { action, user, owner: action === 'list' ? user : owner, status: answer.statusCode, body };
}

/** What a stream says first, its entries included. */
async function beginningOf(stream: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of stream) {
    text += chunk.toString();
    if (/^data: \{"uid".*\n\n/m.test(text)) break;
  }
  return text;
}

function pick<T>(items: readonly T[], random: () => number): T {
  return items[Math.floor(random() * items.length)]!;
}
