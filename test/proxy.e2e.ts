import { NGINX, startNginx } from './clients/nginx.js';
import { cleanUp } from './support/clean-up.js';
import { describeWith } from './support/describe-with.js';
import { EventSourceClient } from './support/event-source-client.js';
import { Http2Stream } from './support/http2-stream.js';
import { endSession, logChat, startApp } from './support/test-app.js';

afterEach(cleanUp);

describeWith(NGINX, 'apt-get install nginx-light')('behind nginx with its default buffering', () => {
  it('the stream arrives event by event', async () => {
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

  it('which speaks HTTP/2 to the client, the stream arrives event by event', async () => {
    const { logs, port } = await startApp();
    const stream = await Http2Stream.open(`${await startNginx(port, 'http2')}/logs/chat-1`);
    for (const message of ['a', 'b', 'c']) {
      await logChat(logs, 'chat-1', message);
      await stream.message(message);
    }
    await endSession(logs, 'chat-1');
    expect(await stream.rest()).toMatch(/^event: end$/m);
  });
});
