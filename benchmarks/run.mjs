/** `npm run bench [-- NAME…]`: runs the benchmarks, prints one table and keeps the figures in results.json. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { table } from './report.mjs';

const NAMES = [
  'fanout',
  'queue',
  'latency',
  'memory',
  'file',
  'capture',
  'segments',
  'redaction',
  'redis-replicas',
  'redis-latency',
  'redis-idle',
];
const RESULTS = new URL('./results.json', import.meta.url);

const wanted = process.argv.length > 2 ? process.argv.slice(2) : NAMES;
const unknown = wanted.filter((name) => !NAMES.includes(name));
if (unknown.length > 0) throw new Error(`No benchmark ${unknown.join(', ')}; there are ${NAMES.join(', ')}.`);

const results = readResults();
const measured = [];
for (const name of wanted) {
  const { run } = await import(`./${name}.bench.mjs`);
  const rows = await run((line) => process.stderr.write(`${name}: ${line}\n`));
  if (rows === undefined) continue;
  results[name] = { ...machine(), rows };
  measured.push(name);
}
writeFileSync(RESULTS, `${JSON.stringify(inOrder(results), null, 2)}\n`);

const { cpu, cores, node, date } = machine();
const rows = measured.flatMap((benchmark) => results[benchmark].rows.map((row) => ({ benchmark, ...row })));
const judged = rows.filter((row) => row.met !== undefined);
process.stdout.write(`\n${table(rows)}\n${cpu}, ${cores} cores, Node ${node}, ${date}\n`);
process.stdout.write(`${judged.filter((row) => row.met).length} of ${judged.length} goals met\n`);

/** Benchmarks that are not run now keep what they found last. */
function readResults() {
  try {
    return JSON.parse(readFileSync(RESULTS, 'utf8'));
  } catch {
    return {};
  }
}

function inOrder(results) {
  return Object.fromEntries(NAMES.filter((name) => name in results).map((name) => [name, results[name]]));
}

function machine() {
  const { length: cores, 0: first } = cpus();
  return { cpu: first.model, cores, node: process.version, date: new Date().toISOString().slice(0, 10) };
}
