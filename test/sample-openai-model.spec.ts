import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import type { CaptureOutcome } from 'nestjs-session-logger';
import { collectSession } from 'nestjs-session-logger/testing';
import { OpenAiModel } from '../sample-app/src/openai.model.js';
import { cleanUp } from './support/clean-up.js';
import { eventsBody } from './support/recorded-api.js';
import { startApp, type TestApp } from './support/test-app.js';

/** A server that answers each request as the test says, and a session that is given the reply. */
describe('OpenAiModel, captured', () => {
  const question = [{ role: 'user', content: 'Why?' }] as const;
  const REPLY = [chunk({ reasoning_content: 'Let me see' }), chunk({ content: 'Blue' }), chunk({}, 'stop')];
  let server: Server;
  let handle: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
  let model: OpenAiModel;
  let logs: TestApp['logs'];

  beforeAll(async () => {
    server = createServer((request, response) => void handle(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    model = new OpenAiModel({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey: undefined, model: 'tiny' });
    ({ logs } = await startApp({ http: false }));
  });

  afterAll(async () => {
    await cleanUp();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  function chunk(delta: object, finish_reason: string | null = null): object {
    return { id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] };
  }

  function ask(sessionId: string): Promise<CaptureOutcome> {
    return logs.capture(sessionId, model.reply(question, logs.sessionSignal(sessionId)));
  }

  it('sends the conversation, and its reply streams into the session', async () => {
    let asked: unknown;
    handle = async (request, response) => {
      asked = [request.url, JSON.parse(await readText(request))];
      response.setHeader('Content-Type', 'text/event-stream');
      response.end(eventsBody(REPLY, 'data: [DONE]\n\n'));
    };
    expect(await ask('s')).toEqual({ reason: 'completed' });
    expect(asked).toEqual(['/v1/chat/completions', { model: 'tiny', messages: question, stream: true }]);
    expect((await collectSession(logs, 's')).text).toBe('<start><think>Let me see</think>Blue</end>');
  });

  it('fails where the server refuses', async () => {
    handle = (_request, response) => {
      response.writeHead(401, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ error: { message: 'No such key' } }));
    };
    await ask('refused');
    expect((await collectSession(logs, 'refused')).end).toEqual({
      reason: 'error',
      error: expect.stringContaining('No such key') as string,
    });
  });

  it('lets go of the server when the session is cancelled, also before anything has come', async () => {
    const arrived = new Promise<ServerResponse>((resolve) => {
      handle = (_request, response) => resolve(response);
    });
    const asking = ask('cancelled');
    const closed = once(await arrived, 'close');
    await logs.cancelSession('cancelled');
    expect(await asking).toEqual({ reason: 'cancelled' });
    await closed;
  });
});
