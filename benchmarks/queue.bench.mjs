import { runChild } from './child.mjs';
import { compare } from './report.mjs';

const CASES = [
  { sessions: 1, entries: 400_000, rounds: 5, goal: 0.9 },
  { sessions: 100, entries: 400_000, rounds: 5, goal: 0.9 },
  { sessions: 10_000, entries: 300_000, rounds: 3, goal: 0.9 },
  { sessions: 100_000, entries: 300_000, rounds: 3, goal: 0.6 },
];

/** Entries a second from an awaited call to the reader of the session, in one process and without sinks. */
export async function run(progress) {
  const rows = [];
  for (const { goal, ...job } of CASES) {
    const { ours, bare } = await runChild('./queue-rounds.mjs', job, ['--expose-gc']);
    const row = compare({
      case: `${job.sessions} session${job.sessions === 1 ? '' : 's'}`,
      unit: 'entries/s',
      ours,
      peer: 'bare queue',
      theirs: bare,
      atLeast: goal,
    });
    progress(`${row.case}: ${Math.round(row.ours)} entries/s, bare queue ${Math.round(row.theirs)}`);
    rows.push(row);
  }
  return rows;
}
