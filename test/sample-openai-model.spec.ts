import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import type { ModelPiece } from '../sample-app/src/model.js';
import { OpenAiModel } from '../sample-app/src/openai.model.js';

/** A server that answers each request as the test says. */
describe('OpenAiModel, over HTTP', () => {
  let server: Server;
  let handle: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
  let model: OpenAiModel;

  beforeAll(async () => {
    server = createServer((request, response) => void handle(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    model = new OpenAiModel({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey: undefined, model: 'tiny' });
  });

  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const question = [{ role: 'user', content: 'Why?' }] as const;

  async function ask(signal = new AbortController().signal): Promise<ModelPiece[]> {
    const pieces: ModelPiece[] = [];
    for await (const piece of model.reply(question, signal)) pieces.push(piece);
    return pieces;
  }

  /** Answers with one chunk for each delta, and where `finish` is given a last one that carries it. */
  function streams(deltas: object[], finish: string | null): void {
    handle = (_request, response) => {
      response.setHeader('Content-Type', 'text/event-stream');
      const send = (delta: object, finish_reason: string | null): void => {
        const chunk = {
          id: 'c',
          object: 'chat.completion.chunk',
          choices: [{ index: 0, delta, finish_reason }],
        };
        response.write(`data: ${JSON.stringify(chunk)}\n\n`);
      };
      for (const delta of deltas) send(delta, null);
      if (finish !== null) send({}, finish);
      response.write(`data: ${JSON.stringify({ id: 'c', choices: [], usage: { total_tokens: 7 } })}\n\n`);
      response.end('data: [DONE]\n\n');
    };
  }

  it('sends the conversation and asks for a stream', async () => {
    let asked: unknown;
    let path: string | undefined;
    streams([{ content: 'So.' }], 'stop');
    const answer = handle;
    handle = async (request, response) => {
      path = request.url;
      asked = JSON.parse(await readText(request));
      await answer(request, response);
    };
    await ask();
    expect(path).toBe('/v1/chat/completions');
    expect(asked).toEqual({ model: 'tiny', messages: question, stream: true });
  });

  it.each(['reasoning_content', 'reasoning'])('tells reasoning in %s from text', async (name) => {
    streams(
      [{ role: 'assistant', content: '' }, { [name]: 'Let me' }, { [name]: ' see' }, { content: 'Blue' }],
      'stop',
    );
    expect(await ask()).toEqual([
      { type: 'reasoning', text: 'Let me' },
      { type: 'reasoning', text: ' see' },
      { type: 'text', text: 'Blue' },
    ]);
  });

  it('passes inline tokens on as they are', async () => {
    streams([{ content: '<think>a</th' }, { content: 'ink>b' }], 'stop');
    expect(await ask()).toEqual([
      { type: 'text', text: '<think>a</th' },
      { type: 'text', text: 'ink>b' },
    ]);
  });

  it('fails where the server refuses', async () => {
    handle = (_request, response) => {
      response.writeHead(401, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ error: { message: 'No such key' } }));
    };
    await expect(ask()).rejects.toThrow('No such key');
  });

  it('fails where the stream ends before the reply does', async () => {
    streams([{ content: 'Half a' }], null);
    await expect(ask()).rejects.toThrow('before the reply was finished');
  });

  it('fails when aborted, and lets go of the server', async () => {
    const abort = new AbortController();
    let closed: Promise<unknown> = Promise.resolve();
    handle = (_request, response) => {
      closed = once(response, 'close');
      response.setHeader('Content-Type', 'text/event-stream');
      response.write(
        `data: ${JSON.stringify({ choices: [{ delta: { content: 'So' }, finish_reason: null }] })}\n\n`,
      );
    };
    const reply = model.reply(question, abort.signal);
    await reply.next();
    abort.abort();
    await expect(reply.next()).rejects.toThrow('aborted');
    await closed;
  });
});
