import type { BaseMessage } from '@langchain/core/messages';
import { AIMessage, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages';
import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import type { ChatResult } from '@langchain/core/outputs';
import { END, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph';
import type { SessionLoggerService } from 'nestjs-session-logger';
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
});
