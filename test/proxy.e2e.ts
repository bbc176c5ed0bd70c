import { existsSync } from 'node:fs';
import { NGINX, startNginx } from './clients/nginx.js';
import { cleanUp } from './support/clean-up.js';
import { EventSourceClient } from './support/event-source-client.js';
import { endSession, startApp } from './support/test-app.js';

const REMEDY = `there is no ${NGINX}; install it (apt-get install nginx-light)`;

// A machine that proves the package has nginx; there it is not left unproven.
const mayRun = existsSync(NGINX) || process.env.CI !== undefined;
if (!mayRun) process.stderr.write(`Skipping the stream behind nginx: ${REMEDY}.\n`);

afterEach(cleanUp);

(mayRun ? describe : describe.skip)('behind nginx with its default buffering', () => {
  it('the stream arrives event by event', async () => {
    if (!existsSync(NGINX)) throw new Error(`Cannot try nginx: ${REMEDY}.`);
    const { logs, port } = await startApp();
    const client = new EventSourceClient(`${await startNginx(port)}/logs/chat-1`);
    await client.next('position');
    for (let n = 1; n <= 20; n++) {
      await logs.logChunkToQueue(`entry ${n}`, 'chat-1');
      expect(await client.messages(1)).toEqual([`entry ${n}`]);
    }
    await endSession(logs, 'chat-1');
    await client.next('end');
  });
});
