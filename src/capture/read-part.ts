import { SessionLoggerError } from '../session-logger.errors.js';
import { AiSdkReader } from './sources/ai-sdk.js';
import { AnthropicReader } from './sources/anthropic.js';
import { ChatCompletionsReader } from './sources/chat-completions.js';
import { LangChainEventsReader, LangChainMessagesReader } from './sources/langchain.js';
import type { PartReader } from './sources/part-reader.interface.js';
import { ResponsesReader } from './sources/responses.js';
import { TextReader } from './sources/text.js';

/** All kinds of sources; the first that reads a part is its own. */
const READERS: readonly { new (): PartReader; reads(part: unknown): boolean }[] = [
  TextReader,
  ChatCompletionsReader,
  ResponsesReader,
  AnthropicReader,
  LangChainEventsReader,
  LangChainMessagesReader,
  AiSdkReader,
];

/**
 * The reader for the kind of source that a part is from, told by its members.
 *
 * @throws SessionLoggerError `INVALID_SOURCE`
 */
export function readerFor(part: unknown): PartReader {
  const isReadable = typeof part === 'string' || (typeof part === 'object' && part !== null);
  const Reader = isReadable ? READERS.find((one) => one.reads(part)) : undefined;
  if (Reader !== undefined) return new Reader();
  throw new SessionLoggerError(
    'INVALID_SOURCE',
    `capture: the source gave ${described(part)}; expected text or bytes, or what is streamed by the AI SDK (fullStream, ` +
      'textStream), OpenAI (Chat Completions, Responses), Anthropic (Messages) or LangChain (stream, streamEvents). ' +
      'Map other parts to their text.',
  );
}

function described(part: unknown): string {
  if (typeof part !== 'object' || part === null)
    return `a part of type ${part === null ? 'null' : typeof part}`;
  const { type } = part as { type?: unknown };
  const members = Object.keys(part).slice(0, 10).join(', ');
  return `an object ${typeof type === 'string' ? `of type ${type} ` : ''}with the members ${members || 'none'}`;
}
