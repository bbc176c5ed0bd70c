import { runChild } from './child.mjs';
import { bound, compare, percentile } from './report.mjs';

const JOB = { perSecond: 1000, seconds: 4, singles: 100 };
const PEERS = ['raw-http', 'nest-sse'];

/** Milliseconds from the call that logs to the bytes at a client in another process. */
export async function run(progress) {
  /** @type {Record<string, { busy: number[], idle: number[], turns: number }[]>} */
  const found = {};
  for (const peer of [...PEERS, 'ours', 'ours', ...PEERS.toReversed()]) {
    const run = await runChild('./latency-server.mjs', { peer, ...JOB });
    (found[peer] ??= []).push(run);
    progress(
      `${peer}: p50 ${percentile(run.busy, 50).toFixed(3)} ms, p99 ${percentile(run.busy, 99).toFixed(3)} ms`,
    );
  }
  const busy = `${JOB.perSecond} entries/s`;
  const idle = 'single entry, idle server';
  return [
    ...rows(found, `${busy}, p50`, (run) => percentile(run.busy, 50), 1),
    ...rows(found, `${busy}, p99`, (run) => percentile(run.busy, 99), 5),
    ...rows(found, `${idle}, p50`, (run) => percentile(run.idle, 50)),
    bound({
      case: idle,
      unit: 'turns',
      ours: Math.max(...found['ours'].map(({ turns }) => turns)),
      atMost: 1,
    }),
  ];
}

function rows(found, name, figure, below) {
  return PEERS.map((peer) =>
    compare({
      case: name,
      unit: 'ms',
      ours: found['ours'].map(figure),
      peer,
      theirs: found[peer].map(figure),
      ...(peer === PEERS[0] && { below }),
    }),
  );
}
