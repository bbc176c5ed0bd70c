import { jest } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { tellAll, tellGaps, type Follow } from './clients/cut-off.js';
import { followInPage, PageController } from './clients/page.js';
import { describeInChromium, launchChromium } from './support/chromium.js';
import { cleanUp, onCleanUp } from './support/clean-up.js';

jest.setTimeout(30_000);

const SET_UP = { controllers: [PageController] };

afterEach(cleanUp);

describeInChromium('EventSource')("Chromium's EventSource, cut off 100 times while entries flow", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchChromium();
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
