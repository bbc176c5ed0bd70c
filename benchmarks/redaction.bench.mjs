import { runChild } from './child.mjs';
import { compare, percentile } from './report.mjs';

const SPEED = { task: 'speed', entries: 200_000, rounds: 4 };
const DELAY = { task: 'delay', entries: 401, paceMs: 10 };
const NAMES = { keys: 'sk, bearer, aws, jwt', all: 'all presets' };

/** What it costs to look for secrets in one session's tokens, and how late that makes them. */
export async function run(progress) {
  const speed = await runChild('./redaction-rounds.mjs', SPEED, ['--expose-gc']);
  const rows = [];
  for (const [mode, name] of Object.entries(NAMES)) {
    const row = { case: name, unit: 'entries/s', ours: speed[mode] };
    rows.push(compare({ ...row, peer: 'no redaction', theirs: speed.none }));
    rows.push(compare({ ...row, peer: 'replace in each chunk', theirs: speed.replace }));
    progress(`${name}: ${Math.round(rows.at(-1).ours)} entries/s`);
  }
  const late = await runChild('./redaction-rounds.mjs', DELAY);
  for (const [mode, name] of Object.entries(NAMES)) {
    for (const share of [50, 99]) {
      const at = (one) => [percentile(late[one], share)];
      const row = { case: `${name}, a token each ${DELAY.paceMs} ms, p${share}`, unit: 'ms', ours: at(mode) };
      rows.push(compare({ ...row, peer: 'no redaction', theirs: at('none') }));
      progress(`${row.case}: ${at(mode)[0].toFixed(2)} ms`);
    }
  }
  return rows;
}
