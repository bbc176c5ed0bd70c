import { SessionLoggerError } from '../../session-logger.errors.js';
import type { ReplyRecorder } from '../reply-recorder.js';
import { cutOff, unsaid, type PartReader } from './part-reader.interface.js';

/** What is read of a part. */
interface Part {
  readonly type: string;
  readonly id: string;
  readonly text: string;
  readonly delta: string;
  readonly toolCallId: string;
  readonly toolName: string;
  readonly input: unknown;
  readonly output: unknown;
  readonly preliminary?: boolean;
  readonly error: unknown;
  readonly finishReason?: string;
  /** What the model itself called it. Of version 6 on. */
  readonly rawFinishReason?: string | undefined;
  readonly usage?: { readonly outputTokens?: number | undefined };
}

/** By their type. */
const READERS: Readonly<Record<string, (part: Part, to: ReplyRecorder) => void>> = {
  start: (_, to) => to.begin(),
  'start-step': (_, to) => to.begin(),
  'text-start': () => {},
  'text-delta': (part, to) => to.text(textOf(part)),
  'reasoning-start': (_, to) => to.reasoning(''),
  'reasoning-delta': (part, to) => to.reasoning(textOf(part)),
  'reasoning-end': (_, to) => to.reasoningEnd(),
  'tool-input-start': ({ id, toolName }, to) => to.toolStart(id, toolName),
  'tool-input-delta': ({ id, delta }, to) => to.toolInput(id, delta),
  'tool-call': ({ toolCallId, toolName, input }, to) => to.toolCall(toolCallId, toolName, input),
  'tool-result': ({ toolCallId, toolName, output, preliminary }, to) => {
    if (preliminary !== true) to.toolResult(toolCallId, toolName, output);
  },
  'tool-error': ({ toolCallId, toolName, error }, to) => to.toolFailed(toolCallId, toolName, error),
  error: ({ error }, to) => {
    to.failure = error ?? unsaid();
  },
  'finish-step': (part, to) => {
    if (isCutOff(part)) to.failure ??= cutOff('a finish reason');
  },
  finish: ({ finishReason }, to) => {
    if (finishReason === 'error') to.failure ??= unsaid();
  },
  abort: (_, to) => {
    to.isAborted = true;
  },
};

/** The `fullStream` of `streamText` and of agents: the AI SDK, from version 5 on. */
export class AiSdkReader implements PartReader {
  /** Whether it has begun, and not finished. One of which an application gives some parts alone may do neither. */
  private isOpen = false;

  static reads(part: unknown): boolean {
    return Object.hasOwn(READERS, (part as { type?: string }).type ?? '');
  }

  read(part: unknown, to: ReplyRecorder): void {
    const { type } = part as Part;
    if (type === 'start') this.isOpen = true;
    else if (type === 'finish') this.isOpen = false;
    if (AiSdkReader.reads(part)) READERS[type]!(part as Part, to);
  }

  end(): void {
    if (this.isOpen) throw cutOff('finish');
  }
}

function textOf({ type, text }: Part): string {
  if (typeof text === 'string') return text;
  throw new SessionLoggerError(
    'INVALID_SOURCE',
    `capture: the source gave a part of type ${type} without a text; expected those of the AI SDK's fullStream, version 5 or ` +
      'later. Give result.fullStream, not a stream for the browser such as toUIMessageStream().',
  );
}

/** So the SDK ends a step that broke off before the model gave a reason, and told what it took. */
function isCutOff(step: Part): boolean {
  return (
    step.finishReason === 'other' &&
    'rawFinishReason' in step &&
    step.rawFinishReason === undefined &&
    step.usage?.outputTokens === undefined
  );
}
