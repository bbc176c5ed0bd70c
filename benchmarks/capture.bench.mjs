import { runChild } from './child.mjs';
import { bound, compare, median } from './report.mjs';

const JOB = { parts: 200_000, rounds: 5 };
/** Microseconds a part. */
const AT_MOST = 2;

/** What `capture` costs over logging the texts of a stream by hand. */
export async function run(progress) {
  const found = await runChild('./capture-rounds.mjs', JOB, ['--expose-gc']);
  return Object.entries(found).flatMap(([kind, { ours, byHand }]) => {
    const over = micros(ours) - micros(byHand);
    progress(`${kind}: ${over.toFixed(2)} µs a part over logging by hand`);
    return [
      compare({ case: kind, unit: 'parts/s', ours, peer: 'logged by hand', theirs: byHand }),
      bound({ case: kind, unit: 'µs over', ours: over, atMost: AT_MOST }),
    ];
  });
}

/** @param {number[]} speeds parts a second */
function micros(speeds) {
  return 1e6 / median(speeds);
}
