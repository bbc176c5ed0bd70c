import { jsonOrText } from '../entry/json-or-text.js';
import { LangChainRun } from './sources/langchain-run.js';
import { isMessage } from './sources/langchain-message.js';
import { Reply, type CaptureOutcome, type ReplyParts } from './reply.js';

/** What LangChain tells its callbacks, as far as it is captured: see {@link SessionLoggerService.captureCallbacks}. */
export interface LangChainCallbacks {
  readonly name: string;
  /** Whether a run waits for what it tells: so the session gets everything in order, and in its time. */
  readonly awaitHandlers: true;
  /** How the run ended, once the session has all of it. Never rejects. */
  readonly outcome: Promise<CaptureOutcome>;
  handleChainStart(chain: unknown, inputs: unknown, runId: string, parentRunId?: string): void;
  handleChainEnd(outputs: unknown, runId: string): Promise<void>;
  handleChainError(error: unknown, runId: string): Promise<void>;
  handleChatModelStart(model: unknown, messages: unknown, runId: string, parentRunId?: string): Promise<void>;
  handleLLMStart(model: unknown, prompts: unknown, runId: string, parentRunId?: string): Promise<void>;
  handleLLMNewToken(
    token: string,
    index: unknown,
    runId: string,
    parentRunId?: string,
    tags?: unknown,
    fields?: { readonly chunk?: unknown },
  ): Promise<void>;
  handleLLMEnd(output: unknown, runId: string): Promise<void>;
  handleLLMError(error: unknown, runId: string): Promise<void>;
  handleToolStart(
    tool: unknown,
    input: string,
    runId: string,
    parentRunId?: string,
    tags?: unknown,
    metadata?: unknown,
    name?: string,
    toolCallId?: string,
  ): Promise<void>;
  handleToolEnd(output: unknown, runId: string): Promise<void>;
  handleToolError(error: unknown, runId: string): Promise<void>;
}

/** Captures one run of LangChain that is told of by its callbacks: from its outermost run's start to its end. */
export class CapturedRun implements LangChainCallbacks {
  readonly name = 'nestjs-session-logger';
  readonly awaitHandlers = true;
  private readonly reply: Reply;
  private readonly run: LangChainRun;
  /** The outermost run. */
  private root: string | undefined;

  constructor(parts: ReplyParts) {
    this.reply = new Reply(parts, () => {});
    this.run = new LangChainRun(parts.recorder);
  }

  get outcome(): Promise<CaptureOutcome> {
    return this.reply.outcome;
  }

  handleChainStart(_: unknown, __: unknown, runId: string): void {
    this.root ??= runId;
  }

  handleChainEnd(_: unknown, runId: string): Promise<void> {
    return this.end(runId);
  }

  handleChainError(error: unknown, runId: string): Promise<void> {
    return this.fail(runId, error);
  }

  handleChatModelStart(_: unknown, __: unknown, runId: string): Promise<void> {
    this.root ??= runId;
    return this.record(() => this.run.begin(runId));
  }

  handleLLMStart(model: unknown, prompts: unknown, runId: string): Promise<void> {
    return this.handleChatModelStart(model, prompts, runId);
  }

  handleLLMNewToken(
    token: string,
    _: unknown,
    runId: string,
    __?: string,
    ___?: unknown,
    fields?: { readonly chunk?: unknown },
  ): Promise<void> {
    const message = (fields?.chunk as { message?: unknown } | undefined)?.message;
    return this.record(() =>
      isMessage(message) ? this.run.chunk(runId, message) : this.run.text(runId, token),
    );
  }

  async handleLLMEnd(output: unknown, runId: string): Promise<void> {
    await this.record(() => this.run.end(runId, output));
    await this.end(runId);
  }

  handleLLMError(error: unknown, runId: string): Promise<void> {
    this.run.fail(runId);
    return this.fail(runId, error);
  }

  handleToolStart(
    _: unknown,
    input: string,
    runId: string,
    __?: string,
    ___?: unknown,
    ____?: unknown,
    name = 'tool',
    toolCallId?: string,
  ): Promise<void> {
    this.root ??= runId;
    return this.record(() => this.run.toolStart(runId, name, jsonOrText(input), toolCallId));
  }

  async handleToolEnd(output: unknown, runId: string): Promise<void> {
    await this.record(() => this.run.toolEnd(runId, output));
    await this.end(runId);
  }

  async handleToolError(error: unknown, runId: string): Promise<void> {
    await this.record(() => this.run.toolFailed(runId, error));
    await this.fail(runId, error);
  }

  private async record(write: () => void): Promise<void> {
    if (this.reply.isConcluded) return;
    try {
      write();
      await this.reply.recorder.accepted;
    } catch (error) {
      await this.reply.conclude(error);
    }
  }

  private fail(runId: string, error: unknown): Promise<void> {
    return this.end(runId, error ?? new Error('The run failed, and did not say why.'));
  }

  private async end(runId: string, error?: unknown): Promise<void> {
    if (runId === this.root) await this.reply.conclude(error);
  }
}
