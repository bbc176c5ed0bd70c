import {
  REASONING_START_TOKEN,
  REASONING_STOP_TOKEN,
  STREAM_END_TOKEN,
  STREAM_START_TOKEN,
} from 'nestjs-session-logger';
import type { ModelPiece } from './model.js';

/** Puts the stream tokens around a reply: where it begins and ends, and where reasoning does. */
export async function* withTokens(pieces: AsyncIterable<ModelPiece>): AsyncGenerator<string> {
  let last: ModelPiece['type'] | undefined;
  for await (const { type, text } of pieces) {
    if (last === undefined) yield STREAM_START_TOKEN;
    if (type === 'reasoning' && last !== 'reasoning') yield REASONING_START_TOKEN;
    if (type === 'text' && last === 'reasoning') yield REASONING_STOP_TOKEN;
    last = type;
    yield text;
  }
  if (last === undefined) yield STREAM_START_TOKEN;
  if (last === 'reasoning') yield REASONING_STOP_TOKEN;
  yield STREAM_END_TOKEN;
}

/** The reply as it came, of a model that sends the tokens itself. */
export async function* textsOf(pieces: AsyncIterable<ModelPiece>): AsyncGenerator<string> {
  for await (const { text } of pieces) yield text;
}
