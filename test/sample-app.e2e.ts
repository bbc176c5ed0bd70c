import { jest } from '@jest/globals';
import type { Server } from 'node:http';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { readRecording, RecordedModel } from '../sample-app/src/recorded.model.js';
import { axeViolations } from './support/axe.js';
import { describeInChromium, launchChromium } from './support/chromium.js';
import { cleanUp } from './support/clean-up.js';
import { Gate, ScriptedModel, startSampleApp, type SampleApp } from './support/sample-app.js';

jest.setTimeout(30_000);

const ARGS = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];

describeInChromium('the chat page')('the chat page, in Chromium', () => {
  const scripted = new ScriptedModel(() => []);
  let sample: SampleApp;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];
  let entryId = 0;

  beforeAll(async () => {
    browser = await launchChromium(ARGS);
    sample = await startSampleApp(scripted);
  });

  afterAll(async () => {
    await browser?.close();
    await cleanUp();
  });

  beforeEach(async () => {
    complaints = [];
    context = await browser.newContext();
    context.setDefaultTimeout(10_000);
    page = await openPage();
  });

  afterEach(async () => {
    await context.close();
    expect(complaints).toEqual([]);
  });

  async function openPage(path = '/'): Promise<Page> {
    const opened = await context.newPage();
    opened.on('pageerror', (error) => complaints.push(String(error)));
    await opened.goto(sample.url + path);
    return opened;
  }

  async function ask(text: string): Promise<void> {
    await page.getByLabel('Your message').fill(text);
    await page.keyboard.press('Enter');
  }

  /** Waits until `count` replies are complete and the server has closed the stream. */
  async function settled(count: number, on = page): Promise<void> {
    const done = on.locator('.reply[data-state=done]');
    await done.nth(count - 1).waitFor();
    await on.locator('#connection[data-state=ended]').waitFor();
    expect(await done.count()).toBe(count);
  }

  async function shownBy(on = page): Promise<string | null> {
    return on.locator('#conversation').textContent();
  }

  function entries(...messages: string[]): string[] {
    const timestamp = new Date().toISOString();
    return messages.map((message) => {
      entryId++;
      return `id: a-${entryId}\ndata: ${JSON.stringify({ message, logType: 'chat', timestamp })}\n\n`;
    });
  }

  /** Opens a session that consists of these events. */
  async function serveSession(id: string, ...events: string[]): Promise<void> {
    const body = [...events, 'event: end\nid: a-99\ndata: {"reason":"completed"}\n\n'].join('');
    await context.route(`**/logs/${id}`, (route) =>
      route.fulfill({ contentType: 'text/event-stream', body }),
    );
    await page.goto(`${sample.url}/?session=${id}`);
    await page.locator('#connection[data-state=ended]').waitFor();
  }

  it('streams the recorded reply, its reasoning folded, log lines beside it, and again on reload', async () => {
    const recorded = new RecordedModel(readRecording(), 0.02);
    const gate = new Gate();
    scripted.script = async function* (signal) {
      for await (const text of recorded.reply([], signal)) {
        if (text.endsWith('</th')) await gate.passed(signal);
        yield text;
      }
    };
    await page.getByRole('button', { name: /^Why does the sky/ }).click();
    await page.locator('.reasoning[open] summary', { hasText: 'Thinking…' }).waitFor();
    gate.open();
    await page.locator('.reasoning:not([open]) summary', { hasText: /^Thought/ }).waitFor();
    await settled(1);

    expect(await page.locator('.question').allTextContents()).toEqual([readRecording().question]);
    expect(await page.locator('.thoughts').textContent()).toMatch(/^Two questions in one.* both cases\.\n$/s);
    expect(await page.locator('.answer').textContent()).toMatch(
      /^Both colours have the same cause.*noon\.$/s,
    );
    expect(await page.locator('.answer ol > li').count()).toBe(3);
    expect(await page.locator('.line .message').allTextContents()).toEqual([
      'Asking the model',
      'Reply completed',
    ]);

    const before = await shownBy();
    await page.reload();
    await settled(1);
    expect(await shownBy()).toBe(before);
    expect(await page.locator('.line').count()).toBe(2);
  });

  it('goes on after a reload in mid-stream, and in a second window', async () => {
    const gate = new Gate();
    scripted.script = async function* (signal) {
      yield* ['<thi', 'nk>Hm', '</think>One ', 'two'];
      await gate.passed(signal);
      yield* [' three ', 'four.'];
    };
    await ask('Count');
    await page.locator('.answer', { hasText: 'One two' }).waitFor();
    await page.reload();
    await page.locator('.reply[data-state=answering] .answer', { hasText: 'One two' }).waitFor();
    const second = await openPage(new URL(page.url()).search);
    await second.locator('.answer', { hasText: 'One two' }).waitFor();
    gate.open();
    await Promise.all([settled(1), settled(1, second)]);
    expect(await page.locator('.answer').allTextContents()).toEqual(['One two three four.']);

    scripted.script = () => ['Five.'];
    await ask('And then?');
    await second.locator('.answer', { hasText: 'Five.' }).waitFor();
    await Promise.all([settled(2), settled(2, second)]);
    expect(await shownBy(second)).toBe(await shownBy());
  });

  it.each(['a click', 'Escape'])('stops a reply by %s, keeps what came, and goes on', async (by) => {
    const gate = new Gate();
    const released = new Promise<void>((resolve) => {
      scripted.script = async function* (signal) {
        yield* ['<think>Hm</think>', 'One **two'];
        await gate.passed(signal).finally(resolve);
      };
    });
    await ask('Count');
    await page.locator('.answer strong', { hasText: 'two' }).waitFor();
    const button = page.getByRole('button', { name: 'Stop', exact: true });
    await page.getByLabel('Your message').fill('And then?');
    await page.keyboard.press('Enter');
    await page.locator('.reply[data-state=answering]').waitFor();
    if (by === 'Escape') await page.keyboard.press('Escape');
    else await button.click();
    await released;
    await page.getByText('The reply was stopped.', { exact: true }).waitFor();
    await settled(1);
    expect(await page.locator('.answer').allTextContents()).toEqual(['One **two']);
    expect(await button.count()).toBe(0);

    const before = await shownBy();
    await page.reload();
    await settled(1);
    expect(await shownBy()).toBe(before);

    scripted.script = () => ['Whole.'];
    await ask('Again?');
    await settled(2);
    expect(await page.locator('.question').allTextContents()).toEqual(['Count', 'Again?']);
  });

  it('stops from the keyboard, and leaves one where one writes', async () => {
    const gate = new Gate();
    scripted.script = async function* (signal) {
      yield 'One';
      await gate.passed(signal);
    };
    await ask('Count');
    await page.locator('.answer', { hasText: 'One' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').getAttribute('aria-label')).toBe('Stop');
    await page.keyboard.press('Enter');
    await page.getByText('The reply was stopped.').waitFor();
    await page.keyboard.type('Next');
    expect(await page.getByLabel('Your message').inputValue()).toBe('Next');
  });

  it('says that a reply could not be stopped, and lets one try again', async () => {
    const gate = new Gate();
    scripted.script = async function* (signal) {
      yield 'One';
      await gate.passed(signal);
      yield ' two.';
    };
    await context.route('**/cancel', (route) => route.fulfill({ status: 503 }));
    await ask('Count');
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByRole('alert').getByText('Not stopped: the server answers 503').waitFor();
    expect(await page.getByRole('button', { name: 'Stop', exact: true }).isEnabled()).toBe(true);
    gate.open();
    await settled(1);
    expect(await page.locator('.answer').allTextContents()).toEqual(['One two.']);
  });

  it('shows hostile content as text, wherever it comes from', async () => {
    const hostile = '<img src=x onerror="document.title=1"><script>document.title=1</script>';
    const gate = new Gate();
    scripted.script = async function* (signal) {
      yield* [
        '<think>',
        hostile,
        '</think>\n# ',
        hostile,
        `\n- **${hostile}**\n\n`,
        '```\n',
        hostile,
        '\n```\n',
      ];
      await gate.passed(signal);
      throw new Error(hostile);
    };
    await ask(hostile);
    await page.locator('.answer pre', { hasText: hostile }).waitFor();
    await sample.sessions.logEntryToQueue({
      sessionId: new URL(page.url()).searchParams.get('session')!,
      message: hostile,
      logType: 'log',
      context: hostile,
      data: { [hostile]: hostile },
    });
    gate.open();
    await page.locator('.notice.error', { hasText: hostile }).waitFor();
    for (const place of ['.question', '.thoughts', '.answer h3', '.answer li strong', '.answer pre']) {
      expect(await page.locator(place).textContent()).toContain(hostile);
    }
    for (const place of ['.message', '.context', '.key', '.value']) {
      expect(await page.locator(`.line ${place}`, { hasText: hostile }).count()).toBeGreaterThan(0);
    }
    expect(await page.locator('main img, main script').count()).toBe(0);
    expect(await page.title()).toBe('Session chat');
  });

  it('tells of a reply that was not completed, also when the chat has gone on', async () => {
    scripted.script = function* () {
      yield 'Half';
      throw new Error('The model is gone');
    };
    await ask('Why?');
    await page.locator('.notice', { hasText: 'The reply failed: The model is gone' }).waitFor();
    scripted.script = () => ['Whole.'];
    await ask('Again?');
    await settled(2);
    await page.reload();
    await settled(2);
    expect(await page.locator('.notice:visible').allTextContents()).toEqual([
      'This reply was not completed.',
    ]);
  });

  it('sends with Enter, starts a line with Shift+Enter, and sends nothing empty', async () => {
    scripted.script = () => ['Yes.'];
    await page.getByLabel('Your message').pressSequentially(' ');
    expect(await page.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true);
    await page.getByLabel('Your message').fill('One');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('two');
    await page.keyboard.press('Enter');
    await settled(1);
    expect(await page.locator('.question').allTextContents()).toEqual(['One\ntwo']);
    expect(await page.getByLabel('Your message').inputValue()).toBe('');
    await page.getByRole('link', { name: 'New chat' }).click();
    await page.getByRole('heading', { name: 'Ask something' }).waitFor();
  });

  it('comes back by itself after a lost connection, where it was', async () => {
    const gate = new Gate();
    scripted.script = async function* (signal) {
      yield 'One two';
      await gate.passed(signal);
      yield ' three.';
    };
    await ask('Count');
    await page.locator('.answer', { hasText: 'One two' }).waitFor();
    (sample.app.getHttpServer() as Server).closeAllConnections();
    await page.locator('#connection[data-state=reconnecting]').waitFor();
    gate.open();
    await settled(1);
    expect(await page.locator('.answer').allTextContents()).toEqual(['One two three.']);
    expect(await page.locator('.notice:visible').count()).toBe(0);
  });

  it('comes back when one returns to its window', async () => {
    scripted.script = () => ['Yes.'];
    await context.route('**/logs/*', (route) => route.abort());
    await ask('Are you there?');
    await page.locator('#connection[data-state=reconnecting]').waitFor();
    await context.unroute('**/logs/*');
    await page.evaluate('dispatchEvent(new Event("focus"))');
    await settled(1);
    expect(await page.locator('.answer').allTextContents()).toEqual(['Yes.']);
  });

  it('tells of a gap', async () => {
    const gap = JSON.stringify({ reason: 'evicted', resumedAt: 'a-3', missed: 2 });
    await serveSession(
      'holed',
      ...entries('<start>', 'One'),
      `event: gap\nid: a-3\ndata: ${gap}\n\n`,
      ...entries('four.', '</end>'),
    );
    expect(await page.locator('#conversation > *').allTextContents()).toEqual([
      'One',
      '2 entries are missing here: the server no longer holds them.',
      'four.',
    ]);
  });

  it('shows what only looks like a token', async () => {
    scripted.script = () => ['It writes ', '<think>', ' first and ', '</end>', ' last.'];
    await ask('How?');
    await settled(1);
    expect(await page.locator('.answer').allTextContents()).toEqual([
      'It writes <think> first and </end> last.',
    ]);
    expect(await page.locator('.reasoning').count()).toBe(0);
  });

  it('folds reasoning whose first token is missing', async () => {
    await serveSession('cut', ...entries('Hm, let me', ' see.', '</think>', 'It is so.', '</end>'));
    expect(await page.locator('.thoughts').textContent()).toBe('Hm, let me see.');
    expect(await page.locator('.answer').allTextContents()).toEqual(['It is so.']);
  });

  it('says why the server lets nobody read, and loses no question', async () => {
    scripted.script = () => ['Yes.'];
    await context.route('**/logs/*', (route) => route.fulfill({ status: 403 }));
    await ask('May I?');
    await page.getByText('The server does not let this page read the session (403)').waitFor();
    await page.locator('#connection[data-state=closed]').waitFor();
    expect(await page.getByLabel('Your message').inputValue()).toBe('May I?');
  });

  it('says that a session has nothing yet, until it has', async () => {
    scripted.script = () => ['Yes.'];
    await page.goto(`${sample.url}/?session=unheard-of`);
    const nothing = page.getByText('Nothing in this session yet');
    await nothing.waitFor();
    await ask('Anyone?');
    await settled(1);
    expect(await nothing.isVisible()).toBe(false);
  });

  it('says that an id is none, and offers a new chat', async () => {
    await page.goto(`${sample.url}/?session=not%20an%20id`);
    await page.getByText('This is not a session id').waitFor();
    await page.locator('#session-notice').getByRole('link', { name: 'New chat' }).click();
    await page.getByRole('heading', { name: 'Ask something' }).waitFor();
    expect(page.url()).toBe(`${sample.url}/?`);
  });

  it('shows a megabyte, ANSI and turned text as text', async () => {
    const long = 'x'.repeat(1_000_000);
    const turned = '\u001b[2J\u001b[31mred \u202Enimda\u202C';
    scripted.script = () => [turned, '\n\n', long];
    await ask('Long?');
    await settled(1);
    const answer = (await page.locator('.answer').textContent())!;
    expect(answer).toContain(long);
    expect(answer).toContain(turned);
    await page.getByRole('button', { name: 'New chat' }).or(page.getByText('New chat')).first().click();
    await page.locator('.question').waitFor({ state: 'detached' });
  });

  it.each(['light', 'dark'] as const)('has nothing that axe complains of, %s', async (colorScheme) => {
    scripted.script = () => ['<think>So.</think>', '# Title\n\n- one\n\n```\ncode\n```\n'];
    await page.emulateMedia({ colorScheme });
    await ask('Is it fine?');
    await settled(1);
    expect(await axeViolations(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 780 });
    await page.getByRole('button', { name: 'All log lines' }).click();
    expect(await axeViolations(page)).toEqual([]);
  });

  it('cuts nothing off on a very narrow screen', async () => {
    await page.setViewportSize({ width: 320, height: 640 });
    for (const place of ['.bar .button', '#send', '#log-toggle']) {
      const box = await page.locator(place).boundingBox();
      expect(box!.x + box!.width).toBeLessThanOrEqual(320);
    }
  });

  it('has the log in a bar that opens, on a narrow screen', async () => {
    scripted.script = () => ['Yes.'];
    await page.setViewportSize({ width: 390, height: 780 });
    await ask('Narrow?');
    await settled(1);
    expect(await page.locator('.line').first().isVisible()).toBe(false);
    await page.getByText('Reply completed').first().waitFor();
    await page.getByRole('button', { name: 'All log lines' }).click();
    expect(await page.locator('.line').first().isVisible()).toBe(true);
  });
});
