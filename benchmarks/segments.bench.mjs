import { runChild } from './child.mjs';
import { compare } from './report.mjs';

/** What the segment view reaches of the plain one at the least. */
const AT_LEAST = 0.7;
const VIEWS = ['entries', 'segments', 'segments', 'entries'];
const ROUNDS = 2;

/** `window`: chunks that are logged to each session before all clients have got them. */
const CASES = [
  { clients: 1, sessions: 1, window: 4096, perTurn: 64 },
  { clients: 100, sessions: 1, window: 1024, perTurn: 64 },
  { clients: 1000, sessions: 1, window: 256, perTurn: 64 },
  { clients: 1000, sessions: 1000, window: 16, perTurn: 1 },
];

/** Chunks a second that all clients together receive, as segments and as entries. */
export async function run(progress) {
  const rows = [];
  for (const load of CASES) {
    const name = `${load.clients} client${load.clients === 1 ? '' : 's'} of ${load.sessions} session${load.sessions === 1 ? '' : 's'}`;
    /** @type {Record<string, number[]>} */
    const rates = {};
    for (const view of Array.from({ length: ROUNDS }, () => VIEWS).flat()) {
      const { perSecond } = await runChild('./segments-server.mjs', { view, ...load });
      (rates[view] ??= []).push(perSecond);
      progress(`${name}, ${view}: ${Math.round(perSecond)} chunks/s`);
    }
    const { segments: ours, entries: theirs } = rates;
    rows.push(compare({ case: name, unit: 'chunks/s', ours, peer: 'entries', theirs, atLeast: AT_LEAST }));
  }
  return rows;
}
