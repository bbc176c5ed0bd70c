import { Inject, Injectable, Logger } from '@nestjs/common';
import { SessionLoggerService, type JsonObject, type LogEntryLevel } from 'nestjs-session-logger';
import { conversationOf } from './conversation.js';
import { ChatModel } from './model.js';
import { textsOf, withTokens } from './reply-tokens.js';

/** Lets the model answer a session's last question, into that session. */
@Injectable()
export class ReplyWriter {
  private readonly logger = new Logger(ReplyWriter.name);

  constructor(
    private readonly sessions: SessionLoggerService,
    @Inject(ChatModel) private readonly model: ChatModel,
  ) {}

  /** Settles when the session has its end: completed, error or, when `signal` aborts, cancelled. Never rejects. */
  async write(sessionId: string, signal: AbortSignal): Promise<void> {
    try {
      await this.stream(sessionId, signal).then(
        () => this.sessions.endSession(sessionId),
        (error: unknown) => (signal.aborted ? this.cancel(sessionId) : this.fail(sessionId, error)),
      );
    } catch (error) {
      this.logger.error(`Session ${sessionId} could not be ended: ${messageOf(error)}`);
    }
  }

  private async stream(sessionId: string, signal: AbortSignal): Promise<void> {
    const conversation = conversationOf(
      this.sessions.getAllLogsInQueue().filter((entry) => entry.sessionId === sessionId),
    );
    const { name, notice, carriesTokens } = this.model;
    if (notice !== undefined) await this.log(sessionId, 'warn', notice);
    await this.log(sessionId, 'debug', 'Asking the model', { model: name, messages: conversation.length });
    const pieces = this.model.reply(conversation, signal);
    const began = performance.now();
    const elapsed = (): number => Math.round(performance.now() - began);
    let chunks = 0;
    let characters = 0;
    for await (const text of carriesTokens ? textsOf(pieces) : withTokens(pieces)) {
      await this.sessions.logChunkToQueue(text, sessionId);
      if (chunks === 0) await this.log(sessionId, 'log', `First token after ${elapsed()} ms`);
      chunks++;
      characters += text.length;
    }
    await this.log(sessionId, 'log', 'Reply completed', { chunks, characters, ms: elapsed() });
  }

  private async cancel(sessionId: string): Promise<void> {
    await this.log(sessionId, 'warn', 'Reply cancelled: the application is shutting down');
    await this.sessions.endSession(sessionId, { reason: 'cancelled' });
  }

  private async fail(sessionId: string, error: unknown): Promise<void> {
    await this.log(sessionId, 'error', 'Reply failed', { error: messageOf(error) });
    await this.sessions.endSession(sessionId, { error: messageOf(error) });
  }

  private log(sessionId: string, level: LogEntryLevel, message: string, data?: JsonObject): Promise<void> {
    const context = ReplyWriter.name;
    return this.sessions.logEntryToQueue({ sessionId, message, logType: 'log', level, context, data });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
