import type { Server } from 'node:http';
import { Chat } from '@ai-sdk/react';
import { Controller, Post, Redirect, Req } from '@nestjs/common';
import { DefaultChatTransport, jsonSchema, readUIMessageStream, streamText, tool, type UIMessage } from 'ai';
import * as ai6 from 'ai-6';
import { MockLanguageModelV3, simulateReadableStream } from 'ai/test';
import { SessionLoggerService } from 'nestjs-session-logger';
import { AsyncQueue } from './support/async-queue.js';
import { cleanUp } from './support/clean-up.js';
import { EventStream } from './support/event-stream.js';
import { endSession, logChat, startApp, type TestApp } from './support/test-app.js';
import { until } from './support/turns.js';

afterEach(cleanUp);

const VIEW = '/logs/s?format=ui-message';

/** What is streamed, and what is behind it. */
async function read(app: TestApp, query = ''): Promise<unknown[]> {
  const response = await fetch(app.url + VIEW + query);
  expect(response.status).toBe(200);
  return partsOf(await response.text());
}

function partsOf(body: string): unknown[] {
  return body
    .trim()
    .split('\n\n')
    .map((frame) => frame.replace(/^data: /, ''))
    .map((data) => (data === '[DONE]' ? data : (JSON.parse(data) as unknown)));
}

async function statusOf(app: TestApp, query = ''): Promise<number | undefined> {
  const stream = await EventStream.open(app.url + VIEW + query);
  stream.close();
  return stream.status;
}

/** The AI SDK's own chat, as `useChat` has it. */
function openChat(app: TestApp, messages: UIMessage[] = []): Chat<UIMessage> {
  return new Chat<UIMessage>({
    id: 's',
    messages,
    transport: new DefaultChatTransport({
      api: `${app.url}/chat`,
      prepareReconnectToStreamRequest: ({ id }) => ({ api: `${app.url}/logs/${id}?format=ui-message` }),
    }),
  });
}

/** What the message that came last shows. */
function shown({ messages }: Chat<UIMessage>): unknown {
  return messages.at(-1)?.parts.map((part) => {
    if (part.type === 'text' || part.type === 'reasoning') return [part.type, part.text, part.state];
    return 'toolCallId' in part ? [part.type, part.state, part.input, part.output] : part.type;
  });
}

const ASKED: UIMessage = { id: 'q', role: 'user', parts: [{ type: 'text', text: 'Is it sunny?' }] };

/** A model that calls a tool, and then answers with what the test gives. */
function modelOf(words: AsyncIterable<string>): MockLanguageModelV3 {
  const usage = {
    inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: 1, text: 1, reasoning: 0 },
  };
  let turn = 0;
  const finish = (unified: 'stop' | 'tool-calls') =>
    ({ type: 'finish', finishReason: { unified, raw: unified }, usage }) as const;
  return new MockLanguageModelV3({
    doStream: () => {
      if (++turn > 1) return Promise.resolve({ stream: ReadableStream.from(answer(words, finish('stop'))) });
      const chunks = [
        { type: 'reasoning-start', id: 'r' },
        { type: 'reasoning-delta', id: 'r', delta: 'I look.' },
        { type: 'reasoning-end', id: 'r' },
        { type: 'tool-input-start', id: 'c1', toolName: 'weather' },
        { type: 'tool-input-delta', id: 'c1', delta: '{"city":' },
        { type: 'tool-input-delta', id: 'c1', delta: '"Bern"}' },
        { type: 'tool-input-end', id: 'c1' },
        { type: 'tool-call', toolCallId: 'c1', toolName: 'weather', input: '{"city":"Bern"}' },
        finish('tool-calls'),
      ] as const;
      return Promise.resolve({
        stream: simulateReadableStream({ chunks: [...chunks], chunkDelayInMs: null, initialDelayInMs: null }),
      });
    },
  });
}

async function* answer<T>(words: AsyncIterable<string>, last: T) {
  yield { type: 'text-start', id: 't' } as const;
  for await (const delta of words) yield { type: 'text-delta', id: 't', delta } as const;
  yield { type: 'text-end', id: 't' } as const;
  yield last;
}

/** Asks a model, and sends the client to where its answer is. */
function chatController(words: AsyncIterable<string>): new (...args: never[]) => unknown {
  @Controller('chat')
  class ChatController {
    constructor(private readonly logs: SessionLoggerService) {}

    @Post()
    @Redirect('', 303)
    ask(@Req() { body }: { body: { id: string } }): { url: string } {
      const { fullStream } = streamText({
        model: modelOf(words),
        prompt: 'Is it sunny?',
        stopWhen: ({ steps }) => steps.length === 2,
        tools: {
          weather: tool({ inputSchema: jsonSchema({ type: 'object' }), execute: () => ({ sunny: true }) }),
        },
      });
      void this.logs.capture(body.id, fullStream);
      return { url: `/logs/${body.id}?format=ui-message&from=start` };
    }
  }
  Reflect.defineMetadata('design:paramtypes', [SessionLoggerService], ChatController);
  return ChatController;
}

const REPLY = [
  'step-start',
  ['reasoning', 'I look.', 'done'],
  ['tool-weather', 'output-available', { city: 'Bern' }, { sunny: true }],
  'step-start',
  ['text', 'It is sunny.', 'done'],
];

describe('format=ui-message', () => {
  it('waits for the reply to a question that redaction holds back', async () => {
    const app = await startApp({ redact: { patterns: ['email'] } });
    await logChat(app.logs, 's', '<start>', 'old', '</end>');
    await endSession(app.logs, 's');
    // Its last word may be the beginning of an address.
    await app.logs.logEntryToQueue({ sessionId: 's', message: 'What is the weather', context: 'user' });
    const asked = [read(app), read(app, '&from=start')];
    await until(() => app.logs.stats().readers === 2);
    await app.logs.capture('s', ['new']);
    for (const parts of await Promise.all(asked)) {
      expect(parts).toContainEqual(expect.objectContaining({ type: 'text-delta', delta: 'new' }));
      expect(JSON.stringify(parts)).not.toContain('old');
    }
  });

  it('sends the reply that is under way as the AI SDK has it, from its beginning', async () => {
    const app = await startApp();
    await logChat(app.logs, 's', 'an earlier one');
    await endSession(app.logs, 's');
    await app.logs.logEntryToQueue({ sessionId: 's', message: 'And?', context: 'user' });
    await logChat(app.logs, 's', '<start><think>why</th');
    const response = await fetch(app.url + VIEW);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.get('x-vercel-ai-ui-message-stream')).toBe('v1');
    await logChat(app.logs, 's', 'ink>So', '.<tool>{"a":1}</tool>');
    await app.logs.logEntryToQueue({ sessionId: 's', logType: 'log', level: 'warn', message: 'slow' });
    await endSession(app.logs, 's');
    const parts = partsOf(await response.text()) as { id: string; delta: string }[];
    const id = expect.any(String) as string;
    // However many writes it took.
    const deltas = parts.filter(({ id: key }) => key === parts[5]!.id).slice(1, -1);
    expect(deltas.map(({ delta }) => delta).join('')).toBe('So.');
    expect(parts).toEqual([
      { type: 'start', messageId: expect.stringMatching(/-4\.0$/) as string },
      { type: 'start-step' },
      { type: 'reasoning-start', id },
      { type: 'reasoning-delta', id, delta: 'why' },
      { type: 'reasoning-end', id },
      { type: 'text-start', id },
      ...deltas,
      { type: 'text-end', id },
      { type: 'tool-input-start', toolCallId: id, toolName: 'tool', dynamic: true },
      { type: 'tool-input-delta', toolCallId: id, inputTextDelta: '{"a":1}' },
      { type: 'tool-input-available', toolCallId: id, toolName: 'tool', dynamic: true, input: { a: 1 } },
      {
        type: 'data-log',
        transient: true,
        data: { message: 'slow', level: 'warn', timestamp: expect.any(String) as string },
      },
      { type: 'finish-step' },
      { type: 'finish' },
      '[DONE]',
    ]);
  });

  it('answers 204 where nothing is to be resumed', async () => {
    const app = await startApp();
    expect(await statusOf(app)).toBe(204);
    await logChat(app.logs, 's', 'a');
    expect(await statusOf(app)).toBe(200);
    await endSession(app.logs, 's');
    expect(await statusOf(app)).toBe(204);
    await app.logs.logEntryToQueue({ sessionId: 's', logType: 'log', message: 'cleaned up' });
    await app.logs.distribute({ finite: true });
    expect(await statusOf(app)).toBe(204);
    void app.logs.logChunkToQueue('b', 's');
    expect(await statusOf(app)).toBe(200);
    await until(() => app.logs.stats().readers === 0);
  });

  it('gives the last reply with from=start, also where it has ended', async () => {
    const app = await startApp();
    expect(await statusOf(app, '&from=start')).toBe(204);
    await logChat(app.logs, 's', 'first');
    await endSession(app.logs, 's');
    await logChat(app.logs, 's', 'second');
    await endSession(app.logs, 's');
    const parts = await read(app, '&from=start');
    expect(parts).toContainEqual(expect.objectContaining({ delta: 'second' }));
    expect(parts).not.toContainEqual(expect.objectContaining({ delta: 'first' }));
    expect(parts.at(-1)).toBe('[DONE]');
  });

  it.each([
    [{ error: 'it broke' }, { type: 'error', errorText: 'it broke' }],
    [{ reason: 'cancelled' as const }, { type: 'abort' }],
  ])('tells the end %j', async (end, expected) => {
    const app = await startApp();
    await logChat(app.logs, 's', 'a');
    const response = fetch(app.url + VIEW);
    await until(() => app.logs.stats().readers === 1);
    await app.logs.endSession('s', end);
    expect(partsOf(await (await response).text()).slice(-2)).toEqual([expected, '[DONE]']);
  });

  it('is over with the reply, also for a client that is slower than the next question', async () => {
    const app = await startApp({ autoStart: false });
    await logChat(app.logs, 's', 'a');
    const response = await fetch(app.url + VIEW);
    await app.logs.endSession('s');
    await logChat(app.logs, 's', 'b');
    const parts = partsOf(await response.text());
    expect(parts.slice(-2)).toEqual([{ type: 'finish' }, '[DONE]']);
    expect(parts).not.toContainEqual(expect.objectContaining({ delta: 'b' }));
    expect(app.logs.stats().readers).toBe(0);
  });

  it('tells that the beginning of a reply has gone', async () => {
    const app = await startApp({ limits: { sessionEntries: 3 } });
    await logChat(app.logs, 's', '<think>', 'I do ', 'not ', '</think>', '42');
    const missing = { type: 'error', errorText: 'A part of the reply is missing.' };
    expect(await read(app)).toEqual([missing, '[DONE]']);
    await endSession(app.logs, 's');
    expect(await read(app, '&from=start')).toEqual([missing, '[DONE]']);
    await logChat(app.logs, 's', 'whole');
    await endSession(app.logs, 's');
    expect((await read(app, '&from=start')).slice(-2)).toEqual([{ type: 'finish' }, '[DONE]']);
  });

  it('has nothing that the user said, also where it is of a tool', async () => {
    const app = await startApp();
    await app.logs.logEntryToQueue({
      sessionId: 's',
      message: '<tool>',
      context: 'user',
      data: { toolCallId: 'c', toolName: 'mine' },
    });
    await logChat(app.logs, 's', 'hers');
    await endSession(app.logs, 's');
    const parts = JSON.stringify(await read(app, '&from=start'));
    expect(parts).toContain('hers');
    expect(parts).not.toContain('mine');
  });

  it('shows alone what the client may see', async () => {
    const app = await startApp({ http: { authorize: () => ({ types: ['log'] }) } });
    await logChat(app.logs, 's', 'secret');
    await endSession(app.logs, 's');
    expect(JSON.stringify(await read(app, '&from=start'))).not.toContain('secret');
  });

  it('answers 503 where the session cannot be opened, which is no answer', async () => {
    const authorize = (): never => {
      throw new Error('no database');
    };
    const app = await startApp({ http: { authorize } });
    expect(await statusOf(app)).toBe(503);
  });
});

describe("the AI SDK's chat", () => {
  it('is answered by a redirection to the session', async () => {
    const words = new AsyncQueue<string>();
    const app = await startApp({}, { controllers: [chatController(iterate(words))] });
    const chat = openChat(app);
    const sent = chat.sendMessage({ text: 'Is it sunny?' });
    for (const word of ['It ', 'is ', 'sunny.']) words.push(word);
    words.close();
    await sent;
    expect([chat.status, chat.error]).toEqual(['ready', undefined]);
    expect(chat.messages).toHaveLength(2);
    expect(shown(chat)).toEqual(REPLY);
  });

  it('goes on after each cut, and after a reload of the page, with every token once', async () => {
    const words = new AsyncQueue<string>();
    const app = await startApp({}, { controllers: [chatController(iterate(words))] });
    const chat = openChat(app);
    let sent = chat.sendMessage({ text: 'Is it sunny?' });
    for (const word of ['It ', 'is ']) {
      words.push(word);
      await until(() => JSON.stringify(shown(chat) ?? '').includes(word));
      (app.app.getHttpServer() as Server).closeAllConnections();
      await sent;
      expect(chat.status).toBe('error');
      sent = chat.resumeStream();
    }
    await until(() => JSON.stringify(shown(chat) ?? '').includes('It is '));
    const reloaded = openChat(app, [ASKED]);
    const resumed = reloaded.resumeStream();
    await until(() => JSON.stringify(shown(reloaded)).includes('It is '));
    words.push('sunny.');
    words.close();
    await Promise.all([sent, resumed]);
    for (const one of [chat, reloaded]) {
      expect([one.status, one.messages.length]).toEqual(['ready', 2]);
      expect(shown(one)).toEqual(REPLY);
    }
    expect(reloaded.messages.at(-1)!.id).toBe(chat.messages.at(-1)!.id);
    await reloaded.resumeStream();
    expect([reloaded.status, reloaded.messages.length]).toEqual(['ready', 2]);
  });

  it.each([
    [
      '6',
      ai6.DefaultChatTransport as unknown as typeof DefaultChatTransport,
      ai6.readUIMessageStream as unknown as typeof readUIMessageStream,
    ],
    ['7', DefaultChatTransport, readUIMessageStream],
  ] as const)('reads all that is sent, in version %s', async (_, Transport, readMessages) => {
    const words = new AsyncQueue<string>();
    const app = await startApp({}, { controllers: [chatController(iterate(words))] });
    for (const word of ['It ', 'is ', 'sunny.']) words.push(word);
    words.close();
    await fetch(`${app.url}/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"id":"s"}',
      redirect: 'manual',
    });
    const transport = new Transport({
      prepareReconnectToStreamRequest: ({ id }) => ({
        api: `${app.url}/logs/${id}?format=ui-message&from=start`,
      }),
    });
    const stream = await transport.reconnectToStream({ chatId: 's' });
    const messages: unknown[] = [];
    for await (const message of readMessages({ stream: stream!, terminateOnError: true }))
      messages.push(structuredClone(message));
    expect(shown({ messages } as Chat<UIMessage>)).toEqual(REPLY);
  });

  it('is told that the application closes', async () => {
    const words = new AsyncQueue<string>();
    const app = await startApp({}, { controllers: [chatController(iterate(words))] });
    const chat = openChat(app);
    const sent = chat.sendMessage({ text: 'Is it sunny?' });
    words.push('It ');
    await until(() => JSON.stringify(shown(chat) ?? '').includes('It '));
    await app.close();
    await sent;
    expect(chat.status).toBe('error');
    words.close();
  });
});

async function* iterate(words: AsyncQueue<string>): AsyncGenerator<string> {
  for (let word = await words.next(); word !== undefined; word = await words.next()) yield word;
}
