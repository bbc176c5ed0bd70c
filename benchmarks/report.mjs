/** What the benchmarks found, as rows of one table. */

/** @param {number[]} values @returns {number} */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** @param {number[]} values @param {number} share in percent @returns {number} */
export function percentile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * share) / 100))];
}

/**
 * What has to be reached, if anything: by the ratio of ours to theirs, or by ours alone.
 *
 * @typedef {{ atLeast?: number | null, atMost?: number | null, below?: number | null }} Goal
 */

/**
 * A row of ours against a peer. The runs are in order: drift shows in the peer's first and last. The goal is
 * one of the ratio, but `below`, which is one of ours.
 *
 * @param {{ case: string, unit: string, ours: number[], peer: string, theirs: number[] } & Goal} measured
 */
export function compare({ case: name, unit, ours: ourRuns, peer, theirs: theirRuns, ...goal }) {
  const [ours, theirs] = [median(ourRuns), median(theirRuns)];
  const ratio = ours / theirs;
  const [first, last] = [theirRuns[0], theirRuns.at(-1)];
  const verdict = goal.below == null ? judge(ratio, goal, '') : judge(ours, goal, ` ${unit}`);
  return { case: name, unit, ours, peer, theirs, first, last, ratio, ...verdict, ourRuns, theirRuns };
}

/**
 * A row of ours that has to keep a bound by itself.
 *
 * @param {{ case: string, unit: string, ours: number } & Goal} measured
 */
export function bound({ case: name, unit, ours, ...goal }) {
  return { case: name, unit, ours, ...judge(ours, goal, ` ${unit}`) };
}

/** @param {number} value @param {Goal} goal @param {string} unit */
function judge(value, { atLeast, atMost, below }, unit) {
  if (atLeast != null) return { goal: `≥ ${atLeast}${unit}`, met: value >= atLeast };
  if (atMost != null) return { goal: `≤ ${atMost}${unit}`, met: value <= atMost };
  return below == null ? {} : { goal: `< ${below}${unit}`, met: value < below };
}

/** Three digits, or all of a whole number. @param {number | undefined} value */
export function show(value) {
  if (value === undefined) return '';
  if (Math.abs(value) >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString('en-US');
  return value.toPrecision(3);
}

const COLUMNS = {
  benchmark: (row) => row.benchmark,
  case: (row) => row.case,
  unit: (row) => row.unit,
  ours: (row) => show(row.ours),
  peer: (row) => row.peer ?? '',
  theirs: (row) => show(row.theirs),
  'first / last': (row) => (row.first === undefined ? '' : `${show(row.first)} / ${show(row.last)}`),
  ratio: (row) => (row.ratio === undefined ? '' : row.ratio.toFixed(2)),
  goal: (row) => row.goal ?? '',
  met: (row) => ({ true: 'yes', false: 'NO', undefined: '' })[String(row.met)],
};

/** The rows as a table in Markdown. */
export function table(rows) {
  const cells = [Object.keys(COLUMNS), ...rows.map((row) => Object.values(COLUMNS).map((cell) => cell(row)))];
  const widths = cells[0].map((_, column) => Math.max(...cells.map((line) => line[column].length)));
  const lines = cells.map((line) => line.map((cell, column) => cell.padEnd(widths[column])));
  const rule = widths.map((width) => '-'.repeat(width));
  return [lines[0], rule, ...lines.slice(1)].map((line) => `| ${line.join(' | ')} |\n`).join('');
}
