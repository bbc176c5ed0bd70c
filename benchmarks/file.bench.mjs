import { runChild } from './child.mjs';
import { compare } from './report.mjs';

const JOB = { entries: 200_000, warmUp: 50_000 };
const OURS = 'file-ours';
const GOALS = { 'file-pino': 1, 'file-pino-sync': 1, 'file-winston': 1.5 };

/** Lines a second until all of them are in the file. */
export async function run(progress) {
  const peers = Object.keys(GOALS);
  /** @type {Record<string, number[]>} */
  const rates = {};
  for (const peer of [...peers, OURS, ...peers, OURS, OURS, ...peers.toReversed()]) {
    const perSecond = await runChild('./file-writer.mjs', { peer, ...JOB });
    (rates[peer] ??= []).push(perSecond);
    progress(`${peer}: ${Math.round(perSecond)} lines/s`);
  }
  return peers.map((peer) =>
    compare({
      case: 'lines, flushed',
      unit: 'lines/s',
      ours: rates[OURS],
      peer: peer.replace('file-', ''),
      theirs: rates[peer],
      atLeast: GOALS[peer],
    }),
  );
}
