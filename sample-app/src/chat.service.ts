import { randomUUID } from 'node:crypto';
import {
  ConflictException,
  Injectable,
  ServiceUnavailableException,
  type OnModuleDestroy,
} from '@nestjs/common';
import { SessionLoggerService } from 'nestjs-session-logger';
import { USER_CONTEXT } from './conversation.js';
import { ReplyWriter } from './reply-writer.js';

/** Takes questions and sees to it that each is answered, whoever is reading, or cancelled at shutdown. */
@Injectable()
export class ChatService implements OnModuleDestroy {
  /** The sessions that are being answered; each settles with its end, and never rejects. */
  private readonly running = new Map<string, Promise<void>>();
  private closing = false;

  constructor(
    private readonly sessions: SessionLoggerService,
    private readonly replies: ReplyWriter,
  ) {}

  /**
   * Resolves with the session's id once the question is logged; the reply follows in the background.
   *
   * @throws ConflictException while the session's last question is still being answered
   */
  async ask(message: string, sessionId: string = randomUUID()): Promise<string> {
    if (this.closing) throw new ServiceUnavailableException('The application is shutting down');
    if (this.running.has(sessionId)) {
      throw new ConflictException('This session is still being answered; wait for its end, or stop it');
    }
    const signal = this.sessions.sessionSignal(sessionId);
    const asked = this.sessions.logEntryToQueue({ sessionId, message, context: USER_CONTEXT });
    const answered = asked.then(
      () => this.replies.write(sessionId, signal),
      () => undefined, // There is nothing to answer; the caller is told why, below.
    );
    this.running.set(
      sessionId,
      answered.finally(() => this.running.delete(sessionId)),
    );
    await asked;
    return sessionId;
  }

  async onModuleDestroy(): Promise<void> {
    this.closing = true;
    const replies = [...this.running];
    // A refused end stops the reply all the same.
    await Promise.allSettled(
      replies.map(([sessionId]) =>
        this.sessions.cancelSession(sessionId, 'The application is shutting down'),
      ),
    );
    await Promise.all(replies.map(([, ended]) => ended));
  }
}
