// Takes the pictures of the documents from the running sample app: `npm run pictures`. Chromium is looked for at
// CHROMIUM_PATH, else where Debian has it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const ROOT = join(import.meta.dirname, '..');
const IMAGES = join(ROOT, 'docs/images');
const QUESTION = 'Why does the sky look blue, and why are sunsets red?';
/** Of the recorded reply: it is far enough by then, and still under way. */
const NEAR_THE_END = 'dust or smoke';

const SIZE = { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1.5 };

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** The sample app with its recorded model; `stop` ends it. */
async function startApp() {
  const port = await freePort();
  const logs = mkdtempSync(join(tmpdir(), 'pictures-'));
  const env = { PATH: process.env.PATH, PORT: String(port), LOGS_PATH: logs };
  const child = spawn(process.execPath, ['sample-app/dist/main.js'], { cwd: ROOT, env });
  let printed = '';
  child.stderr.pipe(process.stderr);
  await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The sample app ended with ${code}: ${printed}`)));
    child.stdout.on('data', (text) => {
      printed += text;
      if (printed.includes('Open the chat page')) resolve();
    });
  });
  const stop = async () => {
    child.removeAllListeners('exit');
    child.kill();
    await once(child, 'exit');
    rmSync(logs, { recursive: true });
  };
  return { url: `http://127.0.0.1:${port}`, stop };
}

/** The chat page while a reply streams in. */
async function chatPage(page, url) {
  await page.goto(url);
  await page.getByLabel('Your message').fill(QUESTION);
  await page.keyboard.press('Enter');
  await page.getByText(NEAR_THE_END).waitFor({ timeout: 60_000 });
}

/** The viewer with the session of a reply that has ended, its thoughts open. */
async function viewer(page, url) {
  await page.goto(`${url}/session-logs`);
  await page.locator('.session-list a').first().click();
  await page.getByRole('button', { name: 'Thought' }).click();
  await page.locator('#entries').evaluate((box) => (box.scrollTop = 0));
}

async function take(browser, url, name, open) {
  for (const colorScheme of ['light', 'dark']) {
    const context = await browser.newContext({ colorScheme, ...SIZE });
    const page = await context.newPage();
    await open(page, url);
    const suffix = colorScheme === 'dark' ? '-dark' : '';
    await page.screenshot({ path: join(IMAGES, `${name}${suffix}.png`) });
    await context.close();
  }
}

const app = await startApp();
const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
let browser;
try {
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  await take(browser, app.url, 'chat-page', chatPage);
  await take(browser, app.url, 'viewer', viewer);
} finally {
  await browser?.close();
  await app.stop();
}
