// Keeps a report of each entry point's public names and types in api/, so that no change of one goes unseen:
// `node scripts/api-report.mjs` fails where they differ from the build, with `--update` it writes them.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';

const ROOT = join(import.meta.dirname, '..');
const REPORTS = join(ROOT, 'api');
const DRAFTS = mkdtempSync(join(tmpdir(), 'api-'));
process.on('exit', () => rmSync(DRAFTS, { recursive: true }));
const isUpdate = process.argv.includes('--update');

/** The entry points that have types, by the names of their reports. */
function entryPoints() {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return Object.entries(exports)
    .filter(([, { types }]) => types !== undefined)
    .map(([path, { types }]) => [path === '.' ? 'index' : path.slice(2), join(ROOT, types)]);
}

/** Whether the report is what the build gives; a missing one is not. */
function isAsBuilt(name, types) {
  const told = { logLevel: ExtractorLogLevel.Error, addToApiReportFile: false };
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: ROOT,
      mainEntryPointFilePath: types,
      compiler: { tsconfigFilePath: join(ROOT, 'tsconfig.build.json') },
      apiReport: {
        enabled: true,
        reportFileName: `${name}.api.md`,
        reportFolder: REPORTS,
        reportTempFolder: DRAFTS,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: {
        compilerMessageReporting: { default: told },
        extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(ROOT, 'package.json'),
  });
  const { apiReportChanged, errorCount } = Extractor.invoke(config, {
    localBuild: isUpdate,
    showVerboseMessages: false,
    messageCallback: quieten,
  });
  if (errorCount > 0) throw new Error(`The declarations of ${name} have errors; see above.`);
  return !apiReportChanged;
}

/** What it says of itself, and that it copied a report. */
function quieten(message) {
  if (message.logLevel !== ExtractorLogLevel.Error) message.handled = true;
}

/** Reports of entry points that are gone. */
function leftOvers(names) {
  return readdirSync(REPORTS).filter((file) => !names.includes(file.replace(/\.api\.md$/, '')));
}

mkdirSync(REPORTS, { recursive: true });
const entries = entryPoints();
const changed = entries.filter(([name, types]) => !isAsBuilt(name, types)).map(([name]) => `${name}.api.md`);
const stray = leftOvers(entries.map(([name]) => name));
if (isUpdate) for (const file of stray) rmSync(join(REPORTS, file));
else if (changed.length + stray.length > 0) {
  process.stderr.write(
    `The public names are not those of the reports in api/: ${[...changed, ...stray].join(', ')}.\n` +
      'Where that is meant, run `npm run api`, look at what changed, and say so in CHANGELOG.md.\n',
  );
  process.exitCode = 1;
}
