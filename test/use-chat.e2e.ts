import { jest } from '@jest/globals';
import type { Server } from 'node:http';
import type { Browser, Page } from 'playwright-core';
import { useChatPage } from './clients/use-chat-page.js';
import { describeInChromium, launchChromium } from './support/chromium.js';
import { cleanUp, onCleanUp } from './support/clean-up.js';
import { endSession, logChat, startApp, type TestApp } from './support/test-app.js';

jest.setTimeout(30_000);

afterEach(cleanUp);

describeInChromium('useChat')('useChat of the AI SDK, in Chromium', () => {
  let browser: Browser;
  let controller: new () => unknown;

  beforeAll(async () => {
    [browser, controller] = await Promise.all([launchChromium(), useChatPage()]);
  });

  afterAll(() => browser?.close());

  interface Chat {
    page: Page;
    /** Resolves when the page shows these messages, and that status. */
    shows: (messages: string, status: string) => Promise<void>;
  }

  async function open(app: TestApp): Promise<Chat> {
    const page = await browser.newPage();
    onCleanUp(() => page.close());
    await page.goto(`${app.url}/chat`);
    const shows: Chat['shows'] = (messages, status) =>
      page
        .locator(`#chat[data-status="${status}"]`)
        .and(page.getByText(messages, { exact: true }))
        .waitFor();
    return { page, shows };
  }

  it('resumes the reply that is under way, after each cut too, and shows each token once', async () => {
    const app = await startApp({}, { controllers: [controller] });
    await logChat(app.logs, 's', '<start>', 'Once');
    const { page, shows } = await open(app);
    let text = 'Once';
    await shows(`And?|${text}`, 'streaming');
    for (const word of [' upon', ' a']) {
      (app.app.getHttpServer() as Server).closeAllConnections();
      await shows(`And?|${text}`, 'error');
      await logChat(app.logs, 's', word);
      text += word;
      // As where one comes back to the tab.
      await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
      await shows(`And?|${text}`, 'streaming');
    }
    await logChat(app.logs, 's', ' time', '</end>');
    await endSession(app.logs, 's');
    await shows('And?|Once upon a time', 'ready');
    expect(await page.locator('#chat').textContent()).toBe('And?|Once upon a time');
  });

  it('resumes nothing where nothing is under way', async () => {
    const app = await startApp({}, { controllers: [controller] });
    const { page, shows } = await open(app);
    await shows('And?', 'ready');
    expect(await page.locator('#chat').textContent()).toBe('And?');
  });
});
