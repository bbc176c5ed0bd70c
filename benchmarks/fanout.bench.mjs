import { runChild } from './child.mjs';
import { compare } from './report.mjs';

/** Events that each client is sent in one turn of the event loop, where all follow one session. */
const PER_TURN = 64;
const SECONDS = 1.2;

const NEST = 'nest-sse';
const BETTER_SSE = 'better-sse';
const RAW = 'raw-http';
const LIMIT = 'raw-http-batched';

/** `rounds`: where a system call an event makes single runs differ by a third. */
const CASES = [
  {
    clients: 1,
    sessions: 1,
    window: 8192,
    goals: { [NEST]: null, [BETTER_SSE]: null, [RAW]: null, [LIMIT]: 0.6 },
  },
  {
    clients: 100,
    sessions: 1,
    window: 1024,
    goals: { [NEST]: null, [BETTER_SSE]: null, [RAW]: null, [LIMIT]: 0.6 },
  },
  {
    clients: 1000,
    sessions: 1,
    window: 256,
    goals: { [NEST]: 40, [BETTER_SSE]: 6, [RAW]: null, [LIMIT]: 0.6 },
  },
  {
    clients: 1000,
    sessions: 1000,
    window: 64,
    goals: { [NEST]: 1.5, [BETTER_SSE]: null, [RAW]: 0.9 },
    rounds: 4,
  },
];

/** Events a second that all clients together receive. */
export async function run(progress) {
  const rows = [];
  for (const { goals, rounds = 1, ...load } of CASES) {
    const name = `${load.clients} client${load.clients === 1 ? '' : 's'} of ${load.sessions} session${load.sessions === 1 ? '' : 's'}`;
    const peers = Object.keys(goals);
    /** @type {Record<string, number[]>} */
    const rates = {};
    const order = Array.from({ length: rounds }, () => [...peers, 'ours', 'ours', ...peers.toReversed()]);
    for (const peer of order.flat()) {
      const perTurn = load.sessions === 1 ? PER_TURN : 1;
      const job = { peer, ...load, perTurn, seconds: SECONDS };
      const { perSecond } = await runChild('./fanout-server.mjs', job);
      (rates[peer] ??= []).push(perSecond);
      progress(`${name}, ${peer}: ${Math.round(perSecond)} events/s`);
    }
    for (const peer of peers) {
      rows.push(
        compare({
          case: name,
          unit: 'events/s',
          ours: rates['ours'],
          peer,
          theirs: rates[peer],
          atLeast: goals[peer],
        }),
      );
    }
  }
  return rows;
}
