import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** With a directory here, each child writes a CPU profile to it. */
const PROFILES = process.env['BENCH_PROFILES'];

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * Starts a script beside this one in a process of its own. It ends with this one: its IPC channel closes.
 *
 * @param {string} script such as `./fanout-server.mjs`
 * @param {unknown} job what the script finds in {@link job}
 * @param {string[]} [flags] of Node
 */
export function startChild(script, job, flags = []) {
  const profiling =
    PROFILES === undefined
      ? []
      : ['--cpu-prof', '--cpu-prof-dir', PROFILES, '--cpu-prof-name', profileName(script, job)];
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), [JSON.stringify(job)], {
    execArgv: [...flags, ...profiling],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** What the parent gave this process to do. */
export function job() {
  return JSON.parse(process.argv[2]);
}

/** Ends this process as soon as its parent has gone, or has disconnected it. */
export function endWithParent() {
  process.once('disconnect', () => process.exit());
}

/**
 * The next message of a child.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<any>}
 */
export async function nextMessage(child) {
  const abort = new AbortController();
  const { signal } = abort;
  const died = once(child, 'exit', { signal }).then(([code, name]) => {
    throw new Error(`${child.spawnargs.slice(1).join(' ')} ended: ${name ?? code}`);
  });
  try {
    const [message] = await Promise.race([once(child, 'message', { signal }), died]);
    return message;
  } finally {
    died.catch(() => {});
    abort.abort();
  }
}

/**
 * Runs a script to its first message, then ends it.
 *
 * @param {string} script
 * @param {unknown} job
 * @param {string[]} [flags]
 */
export async function runChild(script, job, flags) {
  const child = startChild(script, job, flags);
  const late = setTimeout(() => child.kill('SIGKILL'), 120_000);
  try {
    return await nextMessage(child);
  } finally {
    clearTimeout(late);
    await endChild(child);
  }
}

/** @param {import('node:child_process').ChildProcess} child */
export async function endChild(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  if (child.connected) child.disconnect();
  await ended;
}

function profileName(script, job) {
  const { peer = '', clients = '', sessions = '' } = job;
  const parts = [script.replace(/^\.\/|\.mjs$/g, ''), peer, clients, sessions, Date.now()];
  return `${parts.filter((part) => part !== '').join('-')}.cpuprofile`;
}
