/** Writes entries to a file, checks that all lines are there, and tells how many it wrote a second. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { endWithParent, job } from './child.mjs';
import { chunks, sessionIds } from './fixtures.mjs';

const SESSIONS = 100;
/** Entries after which the event loop gets a turn, so that whoever writes in the background can. */
const PER_TURN = 64;
const { peer: name, entries, warmUp } = job();

endWithParent();
const { open } = await import(`./peers/${name}.mjs`);
const ids = sessionIds(SESSIONS);
const messages = chunks(4096);
await write(warmUp);
process.send?.(await write(entries));

/**
 * @param {number} count
 * @returns {Promise<number>} lines a second
 */
async function write(count) {
  const dir = mkdtempSync(join(tmpdir(), 'session-logger-bench-'));
  try {
    const file = await open(dir);
    const begun = performance.now();
    for (let index = 0; index < count; index++) {
      await file.log(messages[index % messages.length], ids[index % SESSIONS]);
      if (index % PER_TURN === PER_TURN - 1) await turn();
    }
    await file.finish();
    const took = performance.now() - begun;
    check(dir, count);
    await file.close();
    return (count / took) * 1000;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Throws unless the file has each entry once, in order. */
function check(dir, count) {
  const file = readdirSync(dir).find((name) => name.endsWith('.log')) ?? '';
  const lines = readFileSync(join(dir, file), 'utf8').trimEnd().split('\n');
  if (lines.length !== count) throw new Error(`${name}: ${lines.length} of ${count} lines in the file`);
  for (const [index, line] of lines.entries()) {
    if (JSON.parse(line).message !== messages[index % messages.length]) throw new Error(`${name}: ${line}`);
  }
}
