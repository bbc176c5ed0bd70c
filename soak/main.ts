/** `npm run soak`: ten minutes of bad company. With `-- --short` it is one minute. */
import { BrokenRule, say } from './rules.js';
import { StalledClients } from './stalled.js';
import { VisitedSessions } from './visited.js';

/** Files that the server has open at once, and then some. */
const FILES = 2_500;

const isShort = process.argv.includes('--short');

function checkFiles(): void {
  const report = process.report.getReport() as {
    userLimits?: { open_files?: { soft: number | 'unlimited' } };
  };
  const limit = report.userLimits?.open_files?.soft ?? 'unlimited';
  if (limit !== 'unlimited' && limit < FILES) {
    throw new BrokenRule(
      `This needs ${FILES} open files, and ${limit} are allowed: raise it with ulimit -n.`,
    );
  }
}

try {
  checkFiles();
  await new StalledClients(
    isShort
      ? { clients: 300, rounds: 1, measure: 8, untilCutOff: false }
      : { clients: 1_000, rounds: 5, measure: 20, untilCutOff: true },
  ).run();
  await new VisitedSessions(isShort ? 10 : 240).run();
  say('All rules were kept.');
} catch (error) {
  if (!(error instanceof BrokenRule)) throw error;
  process.exitCode = 1;
  process.stderr.write(`A rule is broken: ${error.message}\n`);
}
