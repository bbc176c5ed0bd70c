import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { ChatMessage, ChatModel } from './model.js';

/** A reply as it once came in: each chunk with the milliseconds that passed before it. */
export interface Recording {
  readonly question: string;
  readonly chunks: readonly { readonly delay: number; readonly text: string }[];
}

/** The recording that comes with this app. */
export function readRecording(): Recording {
  return JSON.parse(readFileSync(new URL('../recordings/reply.json', import.meta.url), 'utf8')) as Recording;
}

/** Answers every question with the recorded reply, so that the app can be tried without a model. */
export class RecordedModel implements ChatModel {
  readonly name = 'recording';
  readonly notice =
    'No model is set up, so a recording answers every question. Set OPENAI_BASE_URL or OPENAI_API_KEY for a model.';

  /** @param pace factor on the recorded delays: 1 is as recorded, 0 as fast as possible */
  constructor(
    private readonly recording: Recording,
    private readonly pace = 1,
  ) {}

  async *reply(_conversation: readonly ChatMessage[], signal: AbortSignal): AsyncGenerator<string> {
    for (const { delay, text } of this.recording.chunks) {
      await wait(delay * this.pace, undefined, { signal });
      yield text;
    }
  }
}
