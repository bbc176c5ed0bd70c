import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

/** Where Chromium is, if it is. */
const PATH = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));

const REMEDY = 'install it (apt-get install chromium), or set CHROMIUM_PATH to where it is';

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];

/**
 * `describe`, where there is Chromium. Elsewhere the tests are skipped, and stderr says what to install; but not on a
 * machine that proves the package (`CI`), where they fail without it.
 *
 * @param what is not proved without it
 */
export function describeInChromium(what: string): typeof describe {
  if (PATH !== undefined || process.env.CI !== undefined) return describe;
  process.stderr.write(`Skipping ${what} in Chromium: none found; ${REMEDY}.\n`);
  return describe.skip;
}

/** Starts it. @throws Error where there is none */
export function launchChromium(args: readonly string[] = []): Promise<Browser> {
  if (PATH === undefined) throw new Error(`No Chromium found; ${REMEDY}.`);
  return chromium.launch({ executablePath: PATH, args: [...ARGS, ...args] });
}
