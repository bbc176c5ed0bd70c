import { Inject, Injectable, Logger } from '@nestjs/common';
import { runInSession, SessionLoggerService, type CaptureOutcome } from 'nestjs-session-logger';
import { conversationOf } from './conversation.js';
import { ChatModel } from './model.js';

/** Lets the model answer a session's last question, into that session. */
@Injectable()
export class ReplyWriter {
  // Within a session its lines are that session's: the page shows them beside the reply.
  private readonly logger = new Logger(ReplyWriter.name);

  constructor(
    private readonly sessions: SessionLoggerService,
    @Inject(ChatModel) private readonly model: ChatModel,
  ) {}

  /** Settles when the session has its end: completed, error or, when `signal` aborts, cancelled. Never rejects. */
  async write(sessionId: string, signal: AbortSignal): Promise<void> {
    // Whoever was so quick to stop it has ended the session, which a reply would reopen.
    if (signal.aborted) return;
    await runInSession(sessionId, () => this.answer(sessionId, signal)).catch((error: unknown) =>
      this.logger.error(`Session ${sessionId} could not be answered`, error),
    );
  }

  private async answer(sessionId: string, signal: AbortSignal): Promise<void> {
    const conversation = conversationOf(
      this.sessions.getAllLogsInQueue().filter((entry) => entry.sessionId === sessionId),
    );
    const { name, notice } = this.model;
    if (notice !== undefined) this.logger.warn(notice);
    this.logger.debug('Asking the model', { model: name, messages: conversation.length });
    const began = performance.now();
    const reply = this.model.reply(conversation, signal);
    // Left open where it is complete: readers have the line that follows only before the end.
    const outcome = await this.sessions.capture(sessionId, reply, { signal, end: false });
    this.tell(outcome, Math.round(performance.now() - began));
    if (outcome.reason === 'completed') await this.sessions.endSession(sessionId);
  }

  private tell({ reason, error }: CaptureOutcome, ms: number): void {
    if (reason === 'completed') this.logger.log('Reply completed', { ms });
    else if (reason === 'cancelled') this.logger.warn('Reply cancelled', { ms });
    else this.logger.error('Reply failed', error);
  }
}
