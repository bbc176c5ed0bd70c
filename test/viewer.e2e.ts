import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { jest } from '@jest/globals';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { axeViolations } from './support/axe.js';
import { describeInChromium, launchChromium } from './support/chromium.js';
import { cleanUp } from './support/clean-up.js';
import { endSession, logChat } from './support/test-app.js';
import { startViewer, type ViewerApp } from './support/viewer.js';

jest.setTimeout(60_000);

const MANY = 100_000;

describeInChromium('the viewer')('the viewer, in Chromium', () => {
  let browser: Browser;
  let viewer: ViewerApp;
  let context: BrowserContext | undefined;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    browser = await launchChromium();
  });

  afterAll(() => browser?.close());

  beforeEach(async () => {
    complaints = [];
    viewer = await startViewer({
      http: { retry: 10 },
      limits: { sessionEntries: MANY, sessionBytes: 2 ** 30, totalBytes: 2 ** 30 },
    });
  });

  afterEach(async () => {
    await context?.close();
    context = undefined;
    await cleanUp();
    expect(complaints).toEqual([]);
  });

  /** Opens the page in a window of its own. */
  async function open(hash = '', options: BrowserContextOptions = {}): Promise<void> {
    await context?.close();
    context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'], ...options });
    context.setDefaultTimeout(20_000);
    page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (/Content Security Policy|Trusted/.test(message.text())) complaints.push(message.text());
    });
    await page.goto(`${viewer.url}/session-logs${hash}`);
  }

  /** Asks the page again and again, which takes its time each. */
  async function until(condition: () => Promise<boolean>): Promise<void> {
    while (!(await condition()));
  }

  const rows = () => page.locator('.row');
  const status = (text: string) => page.locator('#status', { hasText: text }).waitFor();

  async function log(sessionId: string, message: string, more: object = {}): Promise<void> {
    await viewer.logs.logEntryToQueue({ sessionId, message, logType: 'log', ...more });
    await viewer.logs.distribute({ finite: true });
  }

  /** A question, thoughts, a tool, lines of the log and an answer. */
  async function converse(sessionId: string): Promise<void> {
    const { logs } = viewer;
    await logs.logEntryToQueue({ sessionId, message: 'Will it rain?', context: 'user' });
    await logs.capture(
      sessionId,
      [
        { type: 'reasoning-delta', text: 'I ask the tool.' },
        { type: 'tool-call', toolCallId: 'c', toolName: 'weather', input: { city: 'Bern' } },
        { type: 'tool-result', toolCallId: 'c', toolName: 'weather', output: { rain: 0.1 } },
        { type: 'text-delta', text: 'Hardly.' },
      ],
      { end: false },
    );
    await log(sessionId, 'It took 1.2 s', { level: 'warn', context: 'WeatherTool', data: { ms: 1_200 } });
    await log(sessionId, 'Asking', { level: 'debug', context: 'Writer' });
  }

  it('lists the sessions and what became of them', async () => {
    await logChat(viewer.logs, 'chat-1', 'a', 'b');
    await logChat(viewer.logs, 'chat-2', 'a');
    await endSession(viewer.logs, 'chat-2', { error: 'it broke' });
    await open();
    const links = page.locator('.session-list a');
    await links.nth(1).waitFor();
    expect((await links.allTextContents()).toSorted()).toEqual([
      expect.stringMatching(/^chat-1.*live · 2 entries$/),
      expect.stringMatching(/^chat-2.*error · 2 entries$/),
    ]);
    await page.locator('#session-filter').fill('T-2');
    expect(await links.count()).toBe(1);
    await page.locator('#session-filter').fill('none');
    await page.getByText('No session matches.').waitFor();
    await page.locator('#session-filter').fill('');
    expect(await page.locator('#list-note').textContent()).toBe('');
    await logChat(viewer.logs, 'chat-3', 'a');
    await page.locator('#refresh').click();
    await links.nth(2).waitFor();
    await page.getByRole('link', { name: 'chat-1' }).click();
    await rows().first().waitFor();
    await status('Live');
    expect(await rows().locator('.said').textContent()).toBe('ab');
  });

  it('lists the newest of many sessions first, whatever they are called, and filters all of them', async () => {
    for (let count = 0; count < 1_200; count++) await viewer.logs.logChunkToQueue('a', `s-${count}`);
    await viewer.logs.logEntryToQueue({
      sessionId: 'z',
      message: 'a',
      timestamp: '2100-01-01T00:00:00.000Z',
    });
    await viewer.logs.distribute({ finite: true });
    await open();
    const links = page.locator('.session-list a');
    await links.first().waitFor();
    expect(await links.first().textContent()).toMatch(/^z/);
    expect(await links.count()).toBe(200);
    await page.locator('#more-sessions').click();
    expect(await links.count()).toBe(400);
    await page.locator('#session-filter').fill('s-1199');
    expect(await links.count()).toBe(1);
    expect(await page.locator('#more-sessions').isHidden()).toBe(true);
  });

  it('says where the beginning is no longer kept', async () => {
    await cleanUp();
    viewer = await startViewer({ limits: { sessionEntries: 3 } });
    await logChat(viewer.logs, 's', 'a', 'b', 'c', 'd', 'e');
    await open('#/s');
    await rows().nth(1).waitFor();
    expect(await rows().first().textContent()).toContain('The first 2 entries are no longer kept');
  });

  it('has the list tell at once what became of the session that is shown', async () => {
    await logChat(viewer.logs, 'chat-1', 'a');
    await open('#/chat-1');
    await page.addInitScript(
      '{ const { setTimeout } = window; window.setTimeout = (work, ms) => (ms < 10_000 ? setTimeout(work, ms) : 0); }',
    );
    await page.reload();
    await page.locator('.session-list a', { hasText: 'live' }).waitFor();
    await endSession(viewer.logs, 'chat-1');
    await page.locator('.session-list a', { hasText: 'completed' }).waitFor();
    expect(await page.locator('.session-list a').count()).toBe(1);
  });

  it('shows a session live: what is said, folded thoughts and tools, lines with level and context', async () => {
    await open('#/chat-1');
    await page.locator('#empty').waitFor();
    await converse('chat-1');
    await rows().nth(5).waitFor();
    const kinds = await rows().evaluateAll((all) => all.map((row) => row.getAttribute('data-kind')));
    expect(kinds).toEqual(['user', 'reasoning', 'tool', 'text', 'log', 'log']);
    expect(await page.locator('.kinds label').allTextContents()).toEqual([
      expect.stringMatching(/Chat\s*2/),
      expect.stringMatching(/Reasoning\s*1/),
      expect.stringMatching(/Tools\s*1/),
      expect.stringMatching(/Log\s*2/),
    ]);
    expect(await page.getByText('I ask the tool.').count()).toBe(0);
    await page.getByRole('button', { name: 'Thought' }).click();
    await page.getByText('I ask the tool.').waitFor();
    await page.getByRole('button', { name: 'weather' }).click();
    await page.getByText('"rain": 0.1').waitFor();
    await page.locator('.level[data-level=warn]').waitFor();
    await page.locator('.context', { hasText: 'WeatherTool' }).waitFor();
    await page.getByRole('button', { name: 'ms=1200' }).click();
    await page.getByText('"ms": 1200').waitFor();
    await page.getByRole('button', { name: 'ms=1200' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('"ms": 1200').waitFor({ state: 'detached' });
    await page.locator('.fold:focus', { hasText: 'ms=1200' }).waitFor();
    await logChat(viewer.logs, 'chat-1', 'Or ', 'a little.');
    await page.getByText('Or a little.').waitFor();
    await endSession(viewer.logs, 'chat-1');
    await status('Completed');
    await logChat(viewer.logs, 'chat-1', 'One more thing.');
    await page.locator('#refresh').click();
    await page.getByText('One more thing.').waitFor();
    await status('Live');
  });

  it('chooses by kind, level and context, searches, and keeps that in a link', async () => {
    await converse('chat-1');
    await open('#/chat-1');
    await rows().nth(5).waitFor();
    await page.getByText('Chat', { exact: true }).click();
    await page.getByLabel('Least severe level').selectOption('warn');
    await page.locator('.row[data-kind=text]').waitFor({ state: 'detached' });
    await page.getByText('Asking').waitFor({ state: 'detached' });
    await page.getByText('It took').waitFor();
    await page.getByLabel('Context').selectOption('WeatherTool');
    await page.locator('.row[data-kind=tool]').waitFor({ state: 'detached' });
    await page.keyboard.press('/');
    await page.keyboard.type('WEATHERtool');
    await page.locator('#matches', { hasText: '1' }).waitFor();
    await page.getByText('More', { exact: true }).click();
    await page.getByRole('button', { name: 'Copy link' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const link = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(link).toContain('#/chat-1?kinds=reasoning.tool.log&level=warn&context=WeatherTool&q=WEATHERtool');
    await open(link.slice(link.indexOf('#')));
    await page.locator('mark', { hasText: 'WeatherTool' }).waitFor();
    expect(await rows().count()).toBe(1);
    await logChat(viewer.logs, 'chat-2', 'a');
    await page.goto(`${viewer.url}/session-logs#/chat-2`);
    await page.getByText('a', { exact: true }).waitFor();
    expect(await page.locator('#context option').allTextContents()).toEqual(['All contexts']);
  });

  it('tells of a connection that was lost and is back, with every entry once', async () => {
    await logChat(viewer.logs, 'chat-1', 'a');
    await open('#/chat-1');
    await status('Live');
    (viewer.app.getHttpServer() as Server).closeAllConnections();
    await page.getByText('The connection was lost').waitFor();
    await logChat(viewer.logs, 'chat-1', 'b');
    await page.getByText('The connection is back').waitFor();
    await page.locator('.said', { hasText: 'ab' }).waitFor();
    expect(await page.locator('.said').allTextContents()).toEqual(['ab']);
  });

  it('tells of entries that are missing', async () => {
    await cleanUp();
    viewer = await startViewer({ http: { retry: 10 } });
    await logChat(viewer.logs, 'chat-1', 'old');
    await open('#/chat-1');
    await page.getByText('old', { exact: true }).waitFor();
    await context!.setOffline(true);
    (viewer.app.getHttpServer() as Server).closeAllConnections();
    await status('Reconnecting');
    await viewer.logs.deleteSession('chat-1');
    await logChat(viewer.logs, 'chat-1', 'new');
    await context!.setOffline(false);
    await page.getByText('entries are missing here (epoch)').waitFor();
    await page.getByText('new', { exact: true }).waitFor();
    expect(await page.getByText('old', { exact: true }).count()).toBe(0);
  });

  it('lets nothing that was logged do anything, or pass for what it is not', async () => {
    const hostile = '<img src=x onerror="document.title=\'mine\'"><script>document.title="mine"</script>';
    await log('s', hostile, { context: hostile, data: { [hostile]: hostile }, level: 'error' });
    await log('s', '\u001b[2J\u001b[31mred\u001b[0m', {});
    await log('s', 'user\u202Enimda\u202C \u200Btext');
    await log('s', 'x'.repeat(1_000_000));
    await viewer.logs.logEntryToQueue({
      sessionId: 's',
      message: '{"a":1}',
      data: { toolCallId: 'c', toolName: hostile },
    });
    await endSession(viewer.logs, 's', { error: hostile });
    await open('#/s');
    await page.locator('#status[data-reason=error]', { hasText: /^Failed$/ }).waitFor();
    await rows().nth(4).waitFor();
    const text = (await page.locator('#rows').textContent())!;
    expect(text).toContain(hostile);
    expect(text).toContain('␛[2J␛[31mred␛[0m');
    expect(text).toContain('user⟨U+202E⟩nimda⟨U+202C⟩ ⟨U+200B⟩text');
    expect(text).not.toContain('x'.repeat(10_000));
    expect(await page.locator('#rows img, #rows script').count()).toBe(0);
    await page.getByRole('button', { name: 'Show all 1,000,000 characters' }).click();
    await page.getByText('x'.repeat(100_000)).waitFor();
    expect(await page.title()).toBe('s · Session logs');
  });

  it(`keeps ${MANY.toLocaleString()} entries smooth, and finds its way among them`, async () => {
    for (let line = 0; line < MANY; line++) {
      const message = `Line ${line}: ${'words '.repeat(line % 30)}`;
      await viewer.logs.logEntryToQueue({ sessionId: 's', message, logType: 'log' });
    }
    await viewer.logs.distribute({ finite: true });
    await open('#/s');
    await page.getByText(`Line ${MANY - 1}:`).waitFor();
    expect(await rows().count()).toBeLessThan(80);
    // Each place of the scroll bar shows what is there, and no more of it.
    for (const part of [0, 0.25, 0.5]) {
      await page.locator('#entries').evaluate((box, at) => (box.scrollTop = box.scrollHeight * at), part);
      const about = Math.round(MANY * part);
      await until(async () => {
        const lines = await rows().allTextContents();
        return lines.some((line) => Math.abs(Number(/Line (\d+):/.exec(line)?.[1]) - about) < MANY / 10);
      });
      expect(await rows().count()).toBeLessThan(80);
    }
    const seen = () => page.locator('.row', { hasText: 'Line' }).nth(12).textContent();
    const before = await seen();
    await log('s', 'one that comes while another is read');
    await page.locator('#follow', { hasText: '1 new' }).waitFor();
    expect(await seen()).toBe(before);
    await page.keyboard.press('/');
    await page.keyboard.type(`line ${MANY - 77}:`);
    await page.locator('#matches', { hasText: '1' }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.row.current mark').waitFor();
    expect(await page.locator('#matches').textContent()).toBe('1 of 1');
    await page.keyboard.press('Escape');
    await page.keyboard.press('f');
    await page.getByText('one that comes while another is read').waitFor();
    await page.locator('#follow').waitFor({ state: 'hidden' });
  });

  it('pauses, goes on, and jumps to a time', async () => {
    for (let line = 0; line < 200; line++) {
      const timestamp = new Date(Date.UTC(2026, 0, 1, 12, 0, line)).toISOString();
      await log('s', `Line ${line}`, { timestamp });
    }
    await open('#/s', { timezoneId: 'UTC' });
    await page.getByText('Line 199').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await status('Live · paused');
    await log('s', 'while paused');
    await page.getByRole('button', { name: 'Resume · 1 new' }).waitFor();
    expect(await page.getByText('while paused').count()).toBe(0);
    await page.getByLabel('Least severe level').selectOption('debug');
    expect(await page.getByText('while paused').count()).toBe(0);
    await page.locator('#entries').focus();
    await page.keyboard.press('p');
    await page.getByText('while paused').waitFor();
    await page.getByText('More', { exact: true }).click();
    await page.getByLabel('Jump to').fill('2026-01-01T12:00:42');
    await page.locator('.row:focus', { hasText: 'Line 42' }).waitFor();
    await page.keyboard.press('j');
    await page.locator('.row:focus', { hasText: 'Line 43' }).waitFor();
    await page.keyboard.press('g');
    await page.locator('.row:focus', { hasText: /Line 0$/ }).waitFor();
    for (let count = 0; count < 42; count++) await page.keyboard.press('j');
    await page.getByText('More', { exact: true }).click();
    await page.getByRole('button', { name: 'Copy link' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const link = await page.evaluate<string>('navigator.clipboard.readText()');
    const at = new URLSearchParams(link.slice(link.lastIndexOf('?'))).get('at');
    expect(at).toMatch(/^2026-01-01T12:00:[1-4]\d/);
    await open(link.slice(link.indexOf('#')), { timezoneId: 'UTC' });
    await page.locator(`.row:focus time[datetime="${at}"]`).waitFor();
  });

  it('works where the browser lets pages keep nothing, and remembers that keys are off elsewhere', async () => {
    await logChat(viewer.logs, 's', 'a');
    await open('#/s');
    await page.addInitScript(
      "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })",
    );
    await page.reload();
    await rows().first().waitFor();
    await page.keyboard.press('?');
    await page.locator('#help[open]').waitFor();
    await open('#/s');
    await page.keyboard.press('?');
    await page.getByLabel('Single keys do something').uncheck();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.reload();
    await rows().first().waitFor();
    await page.keyboard.press('?');
    expect(await page.locator('#help[open]').count()).toBe(0);
  });

  it.each(['ndjson', 'text'])('downloads a session as %s', async (format) => {
    await converse('chat-1');
    await endSession(viewer.logs, 'chat-1');
    await open('#/chat-1');
    await page.getByText('More', { exact: true }).click();
    const begun = page.waitForEvent('download');
    await page.locator(`#download-${format}`).click();
    const text = readFileSync(await (await begun).path(), 'utf8');
    if (format === 'text') {
      expect(text).toMatch(/ WARN \[WeatherTool\] It took 1\.2 s\n/);
      expect(text).toContain('<start><think>I ask the tool.</think><tool>');
    } else
      expect(JSON.parse(text.split('\n')[0]!)).toMatchObject({ message: 'Will it rain?', context: 'user' });
  });

  it('is refused as everywhere', async () => {
    await cleanUp();
    viewer = await startViewer({ http: { authorize: (_, sessionId) => sessionId !== 'secret' } });
    await open('#/secret');
    await status('Refused: 403');
    expect(await rows().allTextContents()).toEqual(['Refused: 403']);
  });

  /** What is wrong with what is seen, in both schemes. */
  async function complaintsOf(width: number): Promise<string[]> {
    const found: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      found.push(...(await axeViolations(page)).map((violation) => `${colorScheme}: ${violation}`));
    }
    const isTooWide = await page.evaluate<boolean>(`document.body.scrollWidth > ${width}`);
    return isTooWide ? [...found, 'it is too wide'] : found;
  }

  it.each([1_280, 390])('has nothing that axe complains of, light and dark, %i wide', async (width) => {
    await converse('chat-1');
    await endSession(viewer.logs, 'chat-1', { error: 'it broke' });
    await log('chat-1', 'x'.repeat(3_000), { level: 'error' });
    const hash = '#/chat-1?q=it';
    await open(hash, { viewport: { width, height: 800 } });
    await rows().first().waitFor();
    for (const fold of await page.locator('.fold').all()) await fold.click();
    expect(await complaintsOf(width)).toEqual([]);
    if (width > 760) return; // The list is beside it.
    await page.getByRole('button', { name: 'All sessions' }).click();
    await page.locator('.session-list a').first().waitFor();
    expect(await complaintsOf(width)).toEqual([]);
  });
});
