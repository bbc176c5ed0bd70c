import { Readable } from 'node:stream';
import Anthropic from '@anthropic-ai/sdk';
import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager';
import { AIMessageChunk } from '@langchain/core/messages';
import { RunnableLambda } from '@langchain/core/runnables';
import { tool } from '@langchain/core/tools';
import { ChatGenerationChunk } from '@langchain/core/outputs';
import { FakeListChatModel, FakeStreamingChatModel } from '@langchain/core/utils/testing';
import * as ai7 from 'ai';
import * as aiTest7 from 'ai/test';
import * as ai6 from 'ai-6';
import * as aiTest6 from 'ai-6/test';
import OpenAI from 'openai';
import type { SessionLoggerService } from 'nestjs-session-logger';
import { collectSession } from 'nestjs-session-logger/testing';
import { capturedIn } from './support/captured.js';
import { cleanUp } from './support/clean-up.js';
import { eventsBody, recordedApi } from './support/recorded-api.js';
import { startApp } from './support/test-app.js';

let logs: SessionLoggerService;
beforeEach(async () => {
  ({ logs } = await startApp({ http: false }));
});
afterEach(cleanUp);

const captured = (source: Parameters<SessionLoggerService['capture']>[1]): ReturnType<typeof capturedIn> =>
  capturedIn(logs, source);

const CALL = { toolCallId: 'c1', toolName: 'weather' };
const COMPLETED = { reason: 'completed' };
/** What all kinds of sources here say. */
const REPLY = [
  '<start>',
  '<think>',
  'wh',
  'y',
  '</think>',
  'Hel',
  'lo ',
  ['<think> is text', { literal: true }],
  ['<tool>', CALL],
  ['{"city":', { toolCallId: 'c1' }],
  ['"Bern"}', { toolCallId: 'c1' }],
  ['</tool>', { ...CALL, input: { city: 'Bern' } }],
];
const RESULT = [`Tool weather returned`, { ...CALL, output: 'sunny' }];

/** What is used here is the same in both. */
const AI_SDKS = [
  { version: 7, ...ai7, ...aiTest7 },
  { version: 6, ...(ai6 as unknown as typeof ai7), ...(aiTest6 as unknown as typeof aiTest7) },
];

describe.each(AI_SDKS)('capture of the AI SDK $version', (sdk) => {
  const { MockLanguageModelV3, simulateReadableStream, streamText, jsonSchema, tool: aiTool } = sdk;
  const usage = {
    inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: 1, text: 1, reasoning: 0 },
  };
  const model = (...parts: readonly object[]): aiTest7.MockLanguageModelV3 =>
    new MockLanguageModelV3({
      doStream: () =>
        Promise.resolve({
          stream: simulateReadableStream({
            chunks: [{ type: 'stream-start', warnings: [] }, ...parts] as never[],
            chunkDelayInMs: null,
            initialDelayInMs: null,
          }),
        }),
    });
  const finish = { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage };

  it('reads fullStream, with reasoning, a tool and its result', async () => {
    const { fullStream } = streamText({
      model: model(
        { type: 'reasoning-start', id: 'r' },
        { type: 'reasoning-delta', id: 'r', delta: 'wh' },
        { type: 'reasoning-delta', id: 'r', delta: 'y' },
        { type: 'reasoning-end', id: 'r' },
        { type: 'text-start', id: 't' },
        ...['Hel', 'lo ', '<think> is text'].map((delta) => ({ type: 'text-delta', id: 't', delta })),
        { type: 'text-end', id: 't' },
        { type: 'tool-input-start', id: 'c1', toolName: 'weather' },
        ...['{"city":', '"Bern"}'].map((delta) => ({ type: 'tool-input-delta', id: 'c1', delta })),
        { type: 'tool-input-end', id: 'c1' },
        { type: 'tool-call', ...CALL, input: '{"city":"Bern"}' },
        finish,
      ),
      tools: { weather: aiTool({ inputSchema: jsonSchema({ type: 'object' }), execute: () => 'sunny' }) },
      prompt: 'hi',
    });
    expect(await captured(fullStream)).toEqual({ outcome: COMPLETED, entries: [...REPLY, RESULT, '</end>'] });
  });

  it('keeps what a tool returned that is no JSON as a text', async () => {
    const circular: Record<string, unknown> = { id: 10n };
    circular['self'] = circular;
    const { fullStream } = streamText({
      model: model({ type: 'tool-call', ...CALL, input: '{}' }, finish),
      tools: { weather: aiTool({ inputSchema: jsonSchema({ type: 'object' }), execute: () => circular }) },
      prompt: 'hi',
    });
    const { entries } = await captured(fullStream);
    expect(entries).toContainEqual([
      'Tool weather returned',
      { ...CALL, output: '<ref *1> { id: 10n, self: [Circular *1] }' },
    ]);
  });

  it('reads textStream, whose reply may begin with reasoning', async () => {
    const texts = ['<thi', 'nk>why</th', 'ink>Hel', 'lo'].map((delta) => ({
      type: 'text-delta',
      id: 't',
      delta,
    }));
    const { textStream } = streamText({
      model: model({ type: 'text-start', id: 't' }, ...texts, { type: 'text-end', id: 't' }, finish),
      prompt: 'hi',
    });
    const { entries } = await captured(textStream);
    expect(entries).toEqual(['<start>', '<think>', 'why', '</think>', 'Hel', 'lo', '</end>']);
  });

  it('takes no reply for complete of which the model says that it failed', async () => {
    const { fullStream } = streamText({
      model: model(
        { type: 'text-start', id: 't' },
        { type: 'text-delta', id: 't', delta: 'Hel' },
        { type: 'text-end', id: 't' },
        { ...finish, finishReason: { unified: 'error', raw: 'overloaded' } },
      ),
      prompt: 'hi',
    });
    const { outcome, entries } = await captured(fullStream);
    expect(outcome).toMatchObject({ reason: 'error', error: { message: expect.any(String) as string } });
    expect(entries).toEqual(['<start>', 'Hel']);
  });

  it('takes no reply for complete that broke off before the model gave a reason', async () => {
    const { fullStream } = streamText({
      model: model({ type: 'text-start', id: 't' }, { type: 'text-delta', id: 't', delta: 'Hel' }),
      prompt: 'hi',
    });
    const { outcome, entries } = await captured(fullStream);
    expect(outcome).toMatchObject({
      reason: 'error',
      error: { message: expect.stringMatching(/cut off/) as string },
    });
    expect(entries).toEqual(['<start>', 'Hel']);
  });

  it('takes a reply for complete that ends without a reason of its own, as those of older providers may', async () => {
    const other = { ...finish, finishReason: { unified: 'other', raw: undefined } };
    const { fullStream } = streamText({
      model: model({ type: 'text-start', id: 't' }, { type: 'text-delta', id: 't', delta: 'Hel' }, other),
      prompt: 'hi',
    });
    expect((await captured(fullStream)).outcome).toEqual(COMPLETED);
  });

  it('refuses a stream that is for the browser', async () => {
    const result = streamText({
      model: model(
        { type: 'text-start', id: 't' },
        { type: 'text-delta', id: 't', delta: 'Hel' },
        { type: 'text-end', id: 't' },
        finish,
      ),
      prompt: 'hi',
    });
    const { outcome, entries } = await captured(result.toUIMessageStream());
    expect(outcome.error).toMatchObject({
      code: 'INVALID_SOURCE',
      message: expect.stringMatching(/fullStream/) as string,
    });
    expect(entries).toEqual(['<start>']);
  });

  it('stores the error of a model that fails', async () => {
    const { fullStream } = streamText({
      model: model(
        { type: 'text-start', id: 't' },
        { type: 'text-delta', id: 't', delta: 'Hel' },
        { type: 'error', error: new Error('overloaded') },
      ),
      prompt: 'hi',
      onError: () => {},
    });
    const { outcome, entries } = await captured(fullStream);
    expect(outcome).toEqual({
      reason: 'error',
      error: expect.objectContaining({ message: 'overloaded' }) as unknown,
    });
    expect(entries).toEqual(['<start>', 'Hel']);
  });
});

describe('capture of OpenAI', () => {
  const client = (baseURL: string): OpenAI => new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0 });
  const chunk = (delta: object, finish: string | null = null): object => ({
    id: 'x',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  const ask = (baseURL: string): PromiseLike<AsyncIterable<unknown>> =>
    client(baseURL).chat.completions.create({ model: 'm', messages: [], stream: true });

  it('reads Chat Completions', async () => {
    const call = (args: string, head = {}): object => ({
      tool_calls: [
        { index: 0, ...head, function: { ...(args === '' && { name: 'weather' }), arguments: args } },
      ],
    });
    const url = await recordedApi(
      eventsBody(
        [
          chunk({ role: 'assistant', content: '' }),
          chunk({ reasoning_content: 'wh' }),
          chunk({ reasoning_content: 'y' }),
          ...['Hel', 'lo ', '<think> is text'].map((content) => chunk({ content })),
          chunk(call('', { id: 'c1', type: 'function' })),
          chunk(call('{"city":')),
          chunk(call('"Bern"}')),
          chunk({}, 'tool_calls'),
          { id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage: {} },
        ],
        'data: [DONE]\n\n',
      ),
    );
    expect(await captured(ask(url))).toEqual({ outcome: COMPLETED, entries: [...REPLY, '</end>'] });
  });

  it('reads the reasoning that servers send in the content, and several calls of tools', async () => {
    const calls = [0, 1].map((index) =>
      chunk({ tool_calls: [{ index, id: `c${index}`, function: { name: `t${index}`, arguments: '{}' } }] }),
    );
    const url = await recordedApi(
      eventsBody([
        ...['<think>\nwhy', '</think>', '\n\nSo'].map((content) => chunk({ content })),
        ...calls,
        chunk({}, 'stop'),
      ]),
    );
    const { entries } = await captured(ask(url));
    expect(entries.slice(0, 6)).toEqual([
      '<start>',
      '<think>',
      '\nwhy',
      '</think>',
      '\n\nSo',
      ['<tool>', { toolCallId: 'c0', toolName: 't0' }],
    ]);
    expect(entries.filter((entry) => Array.isArray(entry)).map(([message]: unknown[]) => message)).toEqual([
      '<tool>',
      '{}',
      '</tool>',
      '<tool>',
      '{}',
      '</tool>',
    ]);
  });

  it('reads what servers send that leave indexes out', async () => {
    const calls = ['a', 'b'].map((id) => ({ id, function: { name: `t${id}`, arguments: '{}' } }));
    const bare = (delta: object, finish_reason: string | null = null): object => ({
      choices: [{ delta, finish_reason }],
    });
    const url = await recordedApi(
      eventsBody([bare({ content: 'So' }), bare({ tool_calls: calls }), bare({}, 'stop')]),
    );
    const { outcome, entries } = await captured(ask(url));
    expect(outcome).toEqual(COMPLETED);
    expect(entries.slice(1, 5)).toEqual([
      'So',
      ['<tool>', { toolCallId: 'a', toolName: 'ta' }],
      ['{}', { toolCallId: 'a' }],
      ['</tool>', { toolCallId: 'a', toolName: 'ta', input: {} }],
    ]);
    expect(entries.at(-2)).toEqual(['</tool>', { toolCallId: 'b', toolName: 'tb', input: {} }]);
  });

  it('reads calls of tools whose pieces come by turns', async () => {
    const piece = (index: number, args: string, head = {}): object =>
      chunk({ tool_calls: [{ index, ...head, function: { arguments: args } }] });
    const begin = (index: number): object => piece(index, '{"n":', { id: `c${index}`, type: 'function' });
    // Some repeat the id, and some have an empty piece behind the last one.
    const pieces = [
      begin(0),
      begin(1),
      piece(0, '0}', { id: 'c0' }),
      piece(1, '1}'),
      begin(2),
      piece(2, '2}'),
    ];
    pieces.push(piece(0, ''), piece(1, ' '));
    const { entries } = await captured(
      ask(await recordedApi(eventsBody([...pieces, chunk({}, 'tool_calls')]))),
    );
    const calls = entries.filter((entry) => Array.isArray(entry) && entry[0] === '</tool>');
    expect(calls).toEqual(
      [0, 1, 2].map((n) => ['</tool>', { toolCallId: `c${n}`, toolName: '', input: { n } }]),
    );
  });

  it('reads arguments of tools that are given whole, not as text', async () => {
    const call = { index: 0, id: 'c1', function: { name: 'weather', arguments: { city: 'Bern' } } };
    const url = await recordedApi(eventsBody([chunk({ tool_calls: [call] }), chunk({}, 'tool_calls')]));
    const { entries } = await captured(ask(url));
    expect(entries.at(-2)).toEqual(['</tool>', { ...CALL, input: { city: 'Bern' } }]);
  });

  it('reads calls of tools that have neither indexes nor ids', async () => {
    const call = (name: string, args: string): object =>
      chunk({ tool_calls: [{ function: { name, arguments: args } }] });
    const pieces = [
      call('a', '{"n":'),
      chunk({ tool_calls: [{ function: { arguments: '1}' } }] }),
      call('b', '{}'),
    ];
    const url = await recordedApi(eventsBody([...pieces, chunk({}, 'tool_calls')]));
    const { entries } = await captured(ask(url));
    const more = (await captured(ask(url))).entries;
    const calls = [...entries, ...more].filter((entry) => Array.isArray(entry) && entry[0] === '</tool>');
    const id = expect.stringMatching(/^call-/) as string;
    const both = [
      ['</tool>', { toolCallId: id, toolName: 'a', input: { n: 1 } }],
      ['</tool>', { toolCallId: id, toolName: 'b', input: {} }],
    ];
    expect(calls).toEqual([...both, ...both]);
    const ids = calls.map((call) => (call as [string, { toolCallId: string }])[1].toolCallId);
    expect(new Set(ids).size).toBe(4);
  });

  it.each([
    ['an empty content beside a refusal', [{ content: '', refusal: 'No.' }], ['No.']],
    [
      'an empty reasoning beside one of another name',
      [{ reasoning_content: '', reasoning: 'why' }, { content: 'So' }],
      ['<think>', 'why', '</think>', 'So'],
    ],
    [
      'white space before reasoning',
      [{ content: '\n' }, { reasoning_content: 'why' }, { content: 'So' }],
      ['\n', '<think>', 'why', '</think>', 'So'],
    ],
  ])('loses and moves nothing of %s', async (_, deltas, expected) => {
    const pieces = deltas.map((delta) => chunk(delta));
    const { entries } = await captured(ask(await recordedApi(eventsBody([...pieces, chunk({}, 'stop')]))));
    expect(entries).toEqual(['<start>', ...expected, '</end>']);
  });

  it('reads what servers send without a delta, and the completions before those of chats', async () => {
    const last = { choices: [{ index: 0, delta: null, finish_reason: 'stop' }] };
    const url = await recordedApi(eventsBody([chunk({ content: 'So' }), last]));
    expect((await captured(ask(url))).entries).toEqual(['<start>', 'So', '</end>']);
    const texts = ['Hel', 'lo'].map((text) => ({ choices: [{ index: 0, text, finish_reason: null }] }));
    const completions = await recordedApi(
      eventsBody([...texts, { choices: [{ index: 0, text: '', finish_reason: 'stop' }] }]),
    );
    const source = client(completions).completions.create({ model: 'm', prompt: 'hi', stream: true });
    expect((await captured(source)).entries).toEqual(['<start>', 'Hel', 'lo', '</end>']);
  });

  it('reads contents that are lists of parts', async () => {
    const thinking = (text: string): object =>
      chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text }] }] });
    const url = await recordedApi(
      eventsBody([
        thinking('wh'),
        thinking('y'),
        chunk({ content: [{ type: 'text', text: 'So' }] }),
        chunk({ content: '.' }, 'stop'),
      ]),
    );
    const { entries } = await captured(ask(url));
    expect(entries).toEqual(['<start>', '<think>', 'wh', 'y', '</think>', 'So', '.', '</end>']);
  });

  it('takes no reply for complete of which a server says that it failed', async () => {
    const body = eventsBody([chunk({ content: 'a' }, 'error')]);
    const { outcome, entries } = await captured(ask(await recordedApi(body)));
    expect(outcome).toMatchObject({ reason: 'error', error: { message: expect.any(String) as string } });
    expect(entries).toEqual(['<start>', 'a']);
    // So a client gives it that leaves errors to who reads.
    const told = { choices: [{ delta: {}, finish_reason: 'error' }], error: { message: 'overloaded' } };
    expect((await captured([told])).outcome.error).toEqual({ message: 'overloaded' });
  });

  it('tells a stream that was cut off, and a request that was refused, as errors', async () => {
    const cut = await recordedApi(eventsBody([chunk({ content: 'Hel' })]));
    expect((await captured(ask(cut))).outcome.error).toMatchObject({
      message: expect.stringMatching(/cut off.*finish_reason/) as string,
    });
    const refused = await recordedApi('{"error":{"message":"no such key"}}', 401);
    expect((await captured(ask(refused))).outcome.error).toMatchObject({ status: 401 });
  });

  it('reads Responses', async () => {
    const item = { type: 'function_call', id: 'f1', call_id: 'c1', name: 'weather' };
    const events = [
      { type: 'response.created', response: { id: 'r' } },
      { type: 'response.reasoning_summary_text.delta', item_id: 'r1', delta: 'wh' },
      { type: 'response.reasoning_summary_text.delta', item_id: 'r1', delta: 'y' },
      { type: 'response.reasoning_summary_text.done', item_id: 'r1', text: 'why' },
      ...['Hel', 'lo ', '<think> is text'].map((delta) => ({
        type: 'response.output_text.delta',
        item_id: 'm1',
        delta,
      })),
      { type: 'response.output_item.added', output_index: 1, item: { ...item, arguments: '' } },
      ...['{"city":', '"Bern"}'].map((delta) => ({
        type: 'response.function_call_arguments.delta',
        item_id: 'f1',
        delta,
      })),
      { type: 'response.output_item.done', output_index: 1, item: { ...item, arguments: '{"city":"Bern"}' } },
      { type: 'response.completed', response: { id: 'r' } },
    ];
    const create = async (body: string): Promise<AsyncIterable<unknown>> =>
      client(await recordedApi(body)).responses.create({ model: 'm', input: 'hi', stream: true });
    expect(await captured(create(eventsBody(events)))).toEqual({
      outcome: COMPLETED,
      entries: [...REPLY, '</end>'],
    });
    const failed = { type: 'response.failed', response: { error: { message: 'server error' } } };
    expect((await captured(create(eventsBody([events[0]!, failed])))).outcome.error).toMatchObject({
      message: 'server error',
    });
    const error = { type: 'error', code: 'server_error', message: 'overloaded', param: null };
    expect((await captured(create(eventsBody([error])))).outcome.error).toMatchObject({
      message: 'overloaded',
    });
    const cut = await captured(create(eventsBody(events.slice(0, 5))));
    expect(cut.outcome.error).toMatchObject({
      message: expect.stringMatching(/response\.completed/) as string,
    });
  });
});

describe('capture of tools that run at OpenAI', () => {
  it('reads what they were given, and what they returned', async () => {
    const done = (item: object): object => ({ type: 'response.output_item.done', output_index: 0, item });
    const mcp = { type: 'mcp_call', id: 'm', name: 'ask', server_label: 's', arguments: '{"q":1}' };
    const url = await recordedApi(
      eventsBody([
        { type: 'response.created', response: { id: 'r' } },
        { type: 'response.output_item.added', output_index: 0, item: { ...mcp, arguments: '' } },
        { type: 'response.mcp_call_arguments.delta', item_id: 'm', delta: '{"q":1}' },
        done({ ...mcp, output: 'forty-two', error: null }),
        done({ ...mcp, id: 'n', output: null, error: 'no such tool' }),
        done({ type: 'code_interpreter_call', id: 'c', code: '1+1', outputs: [{ type: 'logs', logs: '2' }] }),
        done({ type: 'file_search_call', id: 'f', queries: ['a'], results: null }),
        { type: 'response.completed', response: { id: 'r' } },
      ]),
    );
    const client = new OpenAI({ baseURL: url, apiKey: 'none' });
    const { entries } = await captured(client.responses.create({ model: 'm', input: 'hi', stream: true }));
    const ask = { toolCallId: 'm', toolName: 'ask' };
    const failed = { toolCallId: 'n', toolName: 'ask' };
    const code = { toolCallId: 'c', toolName: 'code_interpreter' };
    const search = { toolCallId: 'f', toolName: 'file_search' };
    expect(entries).toEqual([
      '<start>',
      ['<tool>', ask],
      ['{"q":1}', { toolCallId: 'm' }],
      ['</tool>', { ...ask, input: { q: 1 } }],
      ['Tool ask returned', { ...ask, output: 'forty-two' }],
      ['<tool>', failed],
      ['</tool>', { ...failed, input: { q: 1 } }],
      ['Tool ask failed: no such tool', { ...failed, error: 'no such tool' }],
      ['<tool>', code],
      ['</tool>', { ...code, input: { code: '1+1' } }],
      ['Tool code_interpreter returned', { ...code, output: [{ type: 'logs', logs: '2' }] }],
      ['<tool>', search],
      ['</tool>', { ...search, input: { queries: ['a'] } }],
      '</end>',
    ]);
  });
});

describe('capture of Anthropic', () => {
  it('reads Messages', async () => {
    const block = (index: number, content_block: object, ...deltas: readonly object[]): object[] => [
      { type: 'content_block_start', index, content_block },
      ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', index },
    ];
    const events = [
      {
        type: 'message_start',
        message: { id: 'm', type: 'message', role: 'assistant', content: [], model: 'm', usage: {} },
      },
      { type: 'ping' },
      ...block(
        0,
        { type: 'thinking', thinking: '', signature: '' },
        { type: 'thinking_delta', thinking: 'wh' },
        { type: 'thinking_delta', thinking: 'y' },
        { type: 'signature_delta', signature: 'x' },
      ),
      ...block(
        1,
        { type: 'text', text: '' },
        ...['Hel', 'lo ', '<think> is text'].map((text) => ({ type: 'text_delta', text })),
      ),
      ...block(
        2,
        { type: 'tool_use', id: 'c1', name: 'weather', input: {} },
        ...['', '{"city":', '"Bern"}'].map((partial_json) => ({ type: 'input_json_delta', partial_json })),
      ),
      { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: {} },
      { type: 'message_stop' },
    ];
    const ask = async (body: string): Promise<AsyncIterable<unknown>> => {
      const client = new Anthropic({ baseURL: await recordedApi(body), apiKey: 'none', maxRetries: 0 });
      return client.messages.create({ model: 'm', max_tokens: 10, messages: [], stream: true });
    };
    expect(await captured(ask(eventsBody(events)))).toEqual({
      outcome: COMPLETED,
      entries: [...REPLY, '</end>'],
    });
    const whole = block(0, { type: 'tool_use', id: 'c1', name: 'weather', input: { city: 'Bern' } });
    const { entries } = await captured(ask(eventsBody([events[0]!, ...whole, events.at(-1)!])));
    expect(entries[2]).toEqual(['</tool>', { ...CALL, input: { city: 'Bern' } }]);
    const mcp = [
      ...block(0, { type: 'mcp_tool_use', id: 'c1', name: 'weather', server_name: 'mcp', input: {} }),
      ...block(1, {
        type: 'mcp_tool_result',
        tool_use_id: 'c1',
        is_error: true,
        content: [{ type: 'text', text: 'no such city' }],
      }),
    ];
    expect((await captured(ask(eventsBody([events[0]!, ...mcp, events.at(-1)!])))).entries).toContainEqual([
      'Tool weather failed: no such city',
      { ...CALL, error: 'no such city' },
    ]);
    const overloaded = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    expect((await captured(ask(eventsBody([...events.slice(0, 9), overloaded])))).outcome.reason).toBe(
      'error',
    );
    const cut = await captured(ask(eventsBody(events.slice(0, 9))));
    expect(cut.outcome.error).toMatchObject({ message: expect.stringMatching(/message_stop/) as string });
  });
});

describe('capture of LangChain', () => {
  const chunks = [
    new AIMessageChunk({ content: '', additional_kwargs: { reasoning_content: 'wh' } }),
    new AIMessageChunk({ content: [{ type: 'thinking', thinking: 'y' }] }),
    ...['Hel', 'lo ', '<think> is text'].map((content) => new AIMessageChunk({ content })),
    ...['', '{"city":', '"Bern"}'].map(
      (args, at) =>
        new AIMessageChunk({
          content: '',
          tool_call_chunks: [
            { ...(at === 0 && { name: 'weather', id: 'c1' }), args, index: 0, type: 'tool_call_chunk' },
          ],
        }),
    ),
  ];

  /** Their own fake, but that it leaves the calls of tools in the chunks. */
  class FakeModel extends FakeStreamingChatModel {
    override async *_streamResponseChunks(
      _: unknown,
      __: unknown,
      run?: CallbackManagerForLLMRun,
    ): AsyncGenerator<ChatGenerationChunk> {
      for (const message of chunks) {
        const chunk = new ChatGenerationChunk({ message, text: message.text });
        yield chunk;
        await run?.handleLLMNewToken(chunk.text, undefined, undefined, undefined, undefined, { chunk });
      }
    }
  }
  const model = new FakeModel({ chunks });

  it('reads the stream of a chat model', async () => {
    expect(await captured(model.stream('hi'))).toEqual({ outcome: COMPLETED, entries: [...REPLY, '</end>'] });
  });

  it('reads streamEvents, with the results of tools that a model called, or the application', async () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } } } as const;
    const weather = tool(() => 'sunny', { name: 'weather', schema });
    const fails = tool(
      () => {
        throw new Error('no such city');
      },
      { name: 'fails', schema },
    );
    const agent = RunnableLambda.from(async (input: string, config) => {
      for await (const _ of await model.stream(input, config)) continue;
      await weather.invoke({ name: 'weather', args: { city: 'Bern' }, id: 'c1', type: 'tool_call' }, config);
      return fails.invoke({ city: '' }, config).catch(() => 'done');
    });
    const { outcome, entries } = await captured(agent.streamEvents('hi', { version: 'v2' }));
    expect(outcome).toEqual(COMPLETED);
    expect(entries.slice(0, REPLY.length + 1)).toEqual([...REPLY, RESULT]);
    const own = { toolCallId: expect.any(String) as string, toolName: 'fails' };
    expect(entries.slice(REPLY.length + 1)).toEqual([
      ['<tool>', own],
      ['</tool>', { ...own, input: { city: '' } }],
      ['Tool fails failed: no such city', { ...own, error: 'no such city' }],
      '</end>',
    ]);
  });

  it('reads a run that is told of by callbacks, streamed or not', async () => {
    const weather = tool(() => 'sunny', {
      name: 'weather',
      schema: { type: 'object', properties: { city: { type: 'string' } } } as const,
    });
    const agent = RunnableLambda.from(async (input: string, config) => {
      for await (const _ of await model.stream(input, config)) continue;
      return weather.invoke({ name: 'weather', args: { city: 'Bern' }, id: 'c1', type: 'tool_call' }, config);
    });
    const callbacks = logs.captureCallbacks('run');
    await agent.invoke('hi', { callbacks: [callbacks] });
    expect(await callbacks.outcome).toEqual(COMPLETED);
    const { entries } = await collectSession(logs, 'run');
    const plain = entries.map(({ message, data }) => (data === undefined ? message : [message, data]));
    expect(plain).toEqual([...REPLY, RESULT, '</end>']);

    const alone = logs.captureCallbacks('tool');
    await weather.invoke({ city: 'Bern' }, { callbacks: [alone] });
    expect(await alone.outcome).toEqual(COMPLETED);
    expect((await collectSession(logs, 'tool')).end?.reason).toBe('completed');

    const whole = logs.captureCallbacks('whole');
    await new FakeListChatModel({ responses: ['<think>why</think>So'] }).invoke('hi', { callbacks: [whole] });
    expect((await collectSession(logs, 'whole')).text).toBe('<start><think>why</think>So</end>');
  });

  it('gives what a model that failed held back before what another one says in its place', async () => {
    const run = logs.captureCallbacks('fallback');
    const chunk = (content: string): object => ({ chunk: { message: new AIMessageChunk(content) } });
    run.handleChainStart(undefined, undefined, 'root');
    await run.handleChatModelStart(undefined, undefined, 'one', 'root');
    await run.handleLLMNewToken('', undefined, 'one', 'root', undefined, chunk('<thi'));
    await run.handleLLMError(new Error('overloaded'), 'one');
    await run.handleChatModelStart(undefined, undefined, 'two', 'root');
    await run.handleLLMNewToken('', undefined, 'two', 'root', undefined, chunk('Hello'));
    await run.handleLLMEnd({}, 'two');
    await run.handleChainEnd({}, 'root');
    expect(await run.outcome).toEqual(COMPLETED);
    expect((await collectSession(logs, 'fallback')).text).toBe('<start><thiHello</end>');
  });

  it('stores the error of a run, or that it was cancelled', async () => {
    const broken = RunnableLambda.from(() => Promise.reject(new Error('it broke')));
    const callbacks = logs.captureCallbacks('broken');
    await expect(broken.invoke('hi', { callbacks: [callbacks] })).rejects.toThrow('it broke');
    expect((await callbacks.outcome).reason).toBe('error');
    expect((await collectSession(logs, 'broken')).end).toMatchObject({ reason: 'error' });
    const cancelled = logs.captureCallbacks('cancelled');
    await logs.cancelSession('cancelled');
    expect(await cancelled.outcome).toEqual({ reason: 'cancelled' });
    await model.invoke('hi', { callbacks: [cancelled] });
    expect((await collectSession(logs, 'cancelled')).entries).toEqual([]);
  });
});

describe('capture of texts', () => {
  const reply = ['<start>', 'Hel', 'lo 漢', '</end>'];

  it('reads iterables, web streams and Node streams', async () => {
    const texts = ['Hel', 'lo 漢'];
    for (const source of [texts, ReadableStream.from(texts), Readable.from(texts), Promise.resolve(texts)])
      expect((await captured(source)).entries).toEqual(reply);
  });

  it('reads bytes, also where they split a character', async () => {
    const bytes = new TextEncoder().encode('Hello 漢');
    const pieces = [bytes.slice(0, 3), bytes.slice(3, 7), bytes.slice(7)];
    const { entries } = await captured(new Response(ReadableStream.from(pieces)).body!);
    expect(entries).toEqual(['<start>', 'Hel', 'lo ', '漢', '</end>']);
  });
});
