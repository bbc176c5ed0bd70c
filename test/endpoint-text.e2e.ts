import type { Server } from 'node:http';
import { jest } from '@jest/globals';
import { readUIMessageStream, TextStreamChatTransport, type UIMessage } from 'ai';
import { SessionStore } from 'nestjs-session-logger';
import { cleanUp } from './support/clean-up.js';
import { heldVerdict } from './support/held-verdict.js';
import { reply } from './support/segments.js';
import { endSession, logChat, startApp, type TestApp } from './support/test-app.js';
import { until } from './support/turns.js';

afterEach(cleanUp);

const VIEW = '/logs/s?format=text';

async function read(app: TestApp, query = ''): Promise<string> {
  return (await fetch(app.url + VIEW + query)).text();
}

describe('format=text', () => {
  it('sends the answers alone, as they come, a blank line between them', async () => {
    const app = await startApp();
    await app.logs.logEntryToQueue({ sessionId: 's', message: 'And?', context: 'user' });
    const response = await fetch(app.url + VIEW);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const stream = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    await logChat(app.logs, 's', 'Grü');
    expect((await stream.read()).value).toBe('Grü');
    await reply(app.logs, 's');
    let rest = '';
    for (let piece = await stream.read(); !piece.done; piece = await stream.read()) rest += piece.value;
    expect(rest).toBe('\n\nSo <b>\n\na\n\nc');
    expect(await read(app)).toBe(`Grü${rest}`);
  });

  it('sends the lines of the log alone with type=log', async () => {
    const app = await startApp();
    await reply(app.logs, 's');
    expect(await read(app, '&type=log')).toBe('Tool f returned\ndone\n');
    expect(await read(app, '&type=log&level=warn')).toBe('done\n');
  });

  it('shows alone what the client may see', async () => {
    const app = await startApp({ http: { authorize: () => ({ types: ['log'] }) } });
    await reply(app.logs, 's');
    expect(await read(app)).toBe('');
  });

  it('goes on behind an id, also within a token, and answers 204 behind the end', async () => {
    const app = await startApp();
    await logChat(app.logs, 's', 'a<thi', 'nk>b</think>c');
    await endSession(app.logs, 's');
    const id = app.logs.getAllLogsInQueue()[0]!.id!;
    expect(await read(app, `&from=${id}`)).toBe('\n\nc');
    expect((await fetch(`${app.url}${VIEW}&from=${id.replace(/1$/, '3')}`)).status).toBe(204);
  });

  it('begins with what is logged next with from=now', async () => {
    const app = await startApp();
    await logChat(app.logs, 's', 'a');
    const response = await fetch(`${app.url}${VIEW}&from=now`);
    await logChat(app.logs, 's', 'b');
    await endSession(app.logs, 's');
    expect(await response.text()).toBe('b');
    const next = await fetch(`${app.url}${VIEW}&from=now`);
    await logChat(app.logs, 's', 'c');
    await endSession(app.logs, 's');
    expect(await next.text()).toBe('c');
  });

  it('says where entries are missing', async () => {
    const app = await startApp({ limits: { sessionEntries: 2 } });
    await logChat(app.logs, 's', 'a', 'b', 'c');
    const id = app.logs.getAllLogsInQueue()[0]!.id!;
    await endSession(app.logs, 's');
    expect(await read(app, `&from=${id.replace(/2$/, '1')}`)).toBe('\n[entries missing here: 1]\nc');
    expect(await read(app)).toBe('\n[entries missing here: 2]\nc');
  });

  it('goes on behind missing entries with what was logged there', async () => {
    const app = await startApp({ limits: { sessionEntries: 2 }, autoStart: false });
    await logChat(app.logs, 's', 'a<thi');
    const response = await fetch(app.url + VIEW);
    await until(() => app.logs.stats().readers === 1);
    await logChat(app.logs, 's', '<think>', 'lost', 'b', 'c');
    await endSession(app.logs, 's');
    expect(await response.text()).toBe('a<thi\n[entries missing here: 2]\nbc');
  });

  it('breaks where it is cut off, which is no end', async () => {
    const app = await startApp();
    await logChat(app.logs, 's', 'a');
    const cut = await fetch(app.url + VIEW);
    await until(() => app.logs.stats().readers === 1);
    (app.app.getHttpServer() as Server).closeAllConnections();
    await expect(cut.text()).rejects.toThrow('terminated');
    const closing = await fetch(app.url + VIEW);
    await app.close();
    await expect(closing.text()).rejects.toThrow('terminated');
  });

  it('answers 503 to who asks while the application closes', async () => {
    const { authorize, asked, give } = heldVerdict();
    const app = await startApp({ http: { authorize } });
    await logChat(app.logs, 's', 'a');
    const opening = fetch(app.url + VIEW);
    await asked;
    const closing = app.close();
    await until(() => !(app.app.getHttpServer() as Server).listening);
    give(true);
    expect((await opening).status).toBe(503);
    await closing;
  });

  it('leaves no reader where opening fails', async () => {
    const app = await startApp();
    await logChat(app.logs, 's', 'a', 'b');
    const id = app.logs.getAllLogsInQueue()[0]!.id!;
    const store = app.app.get<SessionStore>(SessionStore, { strict: false });
    jest.spyOn(store, 'history').mockRejectedValue(new Error('no connection'));
    expect((await fetch(`${app.url}${VIEW}&from=${id}`)).status).toBe(503);
    expect(app.logs.stats().readers).toBe(0);
  });

  it('breaks behind the half of an answer that failed', async () => {
    const app = await startApp();
    await logChat(app.logs, 's', 'half an ');
    await endSession(app.logs, 's', { error: 'it broke' });
    const { body } = await fetch(app.url + VIEW);
    const stream = body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await stream.read()).value).toBe('half an ');
    await expect(stream.read()).rejects.toThrow('terminated');
    await until(() => app.logs.stats().readers === 0);
  });

  it("is read by the AI SDK's transport for texts", async () => {
    const app = await startApp();
    await reply(app.logs, 's');
    const transport = new TextStreamChatTransport<UIMessage>({
      prepareReconnectToStreamRequest: ({ id }) => ({ api: `${app.url}/logs/${id}?format=text` }),
    });
    const stream = await transport.reconnectToStream({ chatId: 's' });
    let last: UIMessage | undefined;
    for await (const message of readUIMessageStream({ stream: stream! })) last = message;
    expect(last!.parts).toContainEqual(
      expect.objectContaining({ type: 'text', text: 'So <b>\n\na\n\nc', state: 'done' }),
    );
  });
});
