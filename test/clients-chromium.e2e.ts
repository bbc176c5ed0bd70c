import { jest } from '@jest/globals';
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';
import { tellAll, tellGaps, type Follow } from './clients/cut-off.js';
import { followInPage, PageController } from './clients/page.js';
import { cleanUp, onCleanUp } from './support/clean-up.js';

jest.setTimeout(30_000);

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];

const CHROMIUM = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));

const SET_UP = { controllers: [PageController] };

const REMEDY = 'install it (apt-get install chromium), or set CHROMIUM_PATH to where it is';

// A machine that proves the package has Chromium; there it is not left unproven.
const mayRun = CHROMIUM !== undefined || process.env.CI !== undefined;
if (!mayRun) process.stderr.write(`Skipping the EventSource of Chromium: none found; ${REMEDY}.\n`);

afterEach(cleanUp);

(mayRun ? describe : describe.skip)("Chromium's EventSource, cut off 100 times while entries flow", () => {
  let browser: Browser;

  beforeAll(async () => {
    if (CHROMIUM === undefined) throw new Error(`No Chromium found; ${REMEDY}.`);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS });
  });

  afterAll(() => browser?.close());

  async function followInNewPage(): Promise<Follow> {
    const page = await browser.newPage();
    onCleanUp(() => page.close());
    return followInPage(page);
  }

  it('tells each entry once and in order', async () => {
    const { told, expected } = await tellAll(await followInNewPage(), 5, SET_UP);
    expect(told).toEqual(expected);
  });

  it('tells a gap wherever entries were dropped before it got them', async () => {
    const { told, expected } = await tellGaps(await followInNewPage(), 5, SET_UP);
    expect(told).toEqual(expected);
  });
});
