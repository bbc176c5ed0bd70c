import type { BaseMessage } from '@langchain/core/messages';
import {
  AIMessage,
  AIMessageChunk,
  HumanMessage,
  SystemMessage,
  ToolMessage,
} from '@langchain/core/messages';
import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager';
import { ChatGenerationChunk, type ChatResult } from '@langchain/core/outputs';
import { END, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph';
import type { SessionLoggerService } from 'nestjs-session-logger';
import { SegmentList } from 'nestjs-session-logger/client';
import { capturedIn } from './support/captured.js';
import { cleanUp } from './support/clean-up.js';
import { startApp } from './support/test-app.js';

/** A model that gives each of its replies whole. */
class WholeModel extends BaseChatModel {
  override _llmType(): string {
    return 'whole';
  }

  override _generate(messages: BaseMessage[]): Promise<ChatResult> {
    const last = messages.at(-1)!;
    const message =
      last.type === 'tool'
        ? new AIMessage(`It is ${last.text}.`)
        : new AIMessage({
            content: 'I ask.',
            tool_calls: [{ id: 'c1', name: 'weather', args: { city: 'Bern' } }],
          });
    return Promise.resolve({ generations: [{ message, text: message.text }] });
  }
}

const model = new WholeModel({});

/** Asks the model, runs a tool that answers so, and asks again where that did not fail. */
function agent(answer: { status?: 'error'; content?: string } = {}) {
  return new StateGraph(MessagesAnnotation)
    .addNode('model', async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
    .addNode('tools', () => ({
      messages: [
        new ToolMessage({ content: 'sunny', tool_call_id: 'c1', ...answer }),
        ...(answer.status === 'error' ? [new SystemMessage('Be brief.'), new HumanMessage('And now?')] : []),
      ],
    }))
    .addEdge(START, 'model')
    .addConditionalEdges('model', ({ messages }) =>
      (messages.at(-1) as AIMessage).tool_calls!.length > 0 ? 'tools' : END,
    )
    .addEdge('tools', answer.status === undefined ? 'model' : END)
    .compile();
}

/** Models that stream, one piece of each by turns. */
class Turns {
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly players: number) {}

  /** Resolves once all are there. */
  async next(): Promise<void> {
    const all = new Promise<void>((resolve) => this.waiting.push(resolve));
    if (this.waiting.length === this.players) for (const go of this.waiting.splice(0)) go();
    await all;
  }
}

class StreamingModel extends BaseChatModel {
  constructor(
    private readonly chunks: readonly AIMessageChunk[],
    private readonly turns: Turns,
  ) {
    super({});
  }

  override _llmType(): string {
    return 'streaming';
  }

  override _generate(): Promise<ChatResult> {
    throw new Error('It streams.');
  }

  override async *_streamResponseChunks(
    _: BaseMessage[],
    __: this['ParsedCallOptions'],
    run?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    for (const message of this.chunks) {
      await this.turns.next();
      const chunk = new ChatGenerationChunk({ message, text: message.text });
      yield chunk;
      await run?.handleLLMNewToken(chunk.text, undefined, undefined, undefined, undefined, { chunk });
    }
  }
}

/** Two models that think, call a tool and answer at the same time. */
function parallel() {
  const turns = new Turns(2);
  const node = (name: string) => {
    const call = (args: string, more: object = {}): AIMessageChunk =>
      new AIMessageChunk({
        content: '',
        tool_call_chunks: [{ index: 0, args, type: 'tool_call_chunk', ...more }],
      });
    const texts = ['<think>w', `hy ${name}</th`, 'ink>', `So ${name}`].map(
      (text) => new AIMessageChunk(text),
    );
    const chunks = [...texts, call('{"of":', { name, id: `c-${name}` }), call(`"${name}"}`)];
    const streaming = new StreamingModel(chunks, turns);
    return async ({ messages }: typeof MessagesAnnotation.State, config: object) => ({
      messages: [await streaming.invoke(messages, config)],
    });
  };
  return new StateGraph(MessagesAnnotation)
    .addNode('a', node('a'))
    .addNode('b', node('b'))
    .addEdge(START, 'a')
    .addEdge(START, 'b')
    .addEdge('a', END)
    .addEdge('b', END)
    .compile();
}

describe('capture of LangGraph', () => {
  let logs: SessionLoggerService;
  const call = { toolCallId: 'c1', toolName: 'weather' };
  const asked = ['<start>', 'I ask.', ['<tool>', call], ['</tool>', { ...call, input: { city: 'Bern' } }]];

  beforeEach(async () => {
    ({ logs } = await startApp({ http: false }));
  });
  afterEach(cleanUp);

  it('reads the messages of a graph, in which a tool answers, from a model that does not stream', async () => {
    const messages = agent().stream({ messages: [new HumanMessage('hi')] }, { streamMode: 'messages' });
    const { entries } = await capturedIn(logs, messages);
    const result = ['Tool weather returned', { ...call, output: 'sunny' }];
    expect(entries).toEqual([...asked, result, 'It is sunny.', '</end>']);
  });

  it('tells a tool that failed, and takes what nobody answers for no answer', async () => {
    const failing = agent({ status: 'error', content: 'no such city' });
    const messages = failing.stream({ messages: [new HumanMessage('hi')] }, { streamMode: 'messages' });
    const { entries } = await capturedIn(logs, messages);
    const failed = ['Tool weather failed: no such city', { ...call, error: 'no such city' }];
    expect(entries).toEqual([...asked, failed, '</end>']);
  });

  it('reads the events of a graph whose model does not stream', async () => {
    const events = agent().streamEvents({ messages: [new HumanMessage('hi')] }, { version: 'v2' });
    const { entries } = await capturedIn(logs, events);
    expect(entries).toEqual([...asked, 'It is sunny.', '</end>']);
  });

  it.each(['messages', 'events'])(
    'tells the replies of models apart that speak by turns, by %s',
    async (how) => {
      const input = { messages: [new HumanMessage('hi')] };
      const stream =
        how === 'events'
          ? parallel().streamEvents(input, { version: 'v2' })
          : parallel().stream(input, { streamMode: 'messages' });
      expect(await logs.capture('s', stream)).toEqual({ reason: 'completed' });
      const list = new SegmentList();
      for await (const event of logs.getSessionSegments('s')) if (event.type !== 'gap') list.apply(event);
      const textOf = (kind: string): string =>
        list
          .all()
          .filter((segment) => segment.kind === kind)
          .map(({ text }) => text)
          .join('');
      expect(textOf('reasoning')).toBe('wwhy ahy b');
      expect(textOf('text')).toBe('So aSo b');
      const calls = list.all().filter(({ kind }) => kind === 'tool');
      expect(calls.map(({ toolName, input: given }) => [toolName, given])).toEqual([
        ['a', { of: 'a' }],
        ['b', { of: 'b' }],
      ]);
    },
  );
});
