import { runChild } from './child.mjs';
import { bound, compare } from './report.mjs';

const CLIENTS = 2000;
const PEER = 'nest-res';
const FLAGS = ['--expose-gc'];
const MB = 1e6;

/** What clients and sessions cost that do nothing. */
export async function run(progress) {
  /** @type {Record<string, { heap: number, rss: number }[]>} */
  const found = {};
  for (const peer of [PEER, 'ours', 'ours', PEER]) {
    const run = await runChild('./memory-clients.mjs', { peer, clients: CLIENTS }, FLAGS);
    (found[peer] ??= []).push(run);
    progress(`${peer}: ${Math.round(run.heap)} bytes of heap and ${Math.round(run.rss)} of RSS a client`);
  }
  const empty = await runChild('./memory-sessions.mjs', { empty: 50_000 }, FLAGS);
  const growth = await runChild('./memory-sessions.mjs', { seen: 1_000_000 }, FLAGS);
  progress(`empty session: ${Math.round(empty.session)} bytes; 1,000,000 ids: ${Math.round(growth / MB)} MB`);
  return [
    perClient(found, 'heap', { atMost: 1.3 }),
    perClient(found, 'rss', {}),
    bound({ case: 'session without entries', unit: 'bytes', ours: empty.session, atMost: 1024 }),
    bound({ case: 'session without entries, with its reader', unit: 'bytes', ours: empty.withReader }),
    bound({ case: '1,000,000 session ids, RSS growth', unit: 'MB', ours: growth / MB, below: 256 }),
  ];
}

function perClient(found, kind, goal) {
  const figure = (run) => run[kind];
  const name = `idle client, ${kind === 'rss' ? 'RSS' : kind}`;
  return compare({
    case: name,
    unit: 'bytes',
    ours: found['ours'].map(figure),
    peer: PEER,
    theirs: found[PEER].map(figure),
    ...goal,
  });
}
