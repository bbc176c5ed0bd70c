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

/** A reply on its way into its session. */
interface RunningReply {
  readonly abort: AbortController;
  /** Settles when the session has its end; never rejects. */
  readonly done: Promise<unknown>;
}

/** Takes questions and sees to it that each is answered, whoever is reading, or cancelled at shutdown. */
@Injectable()
export class ChatService implements OnModuleDestroy {
  private readonly running = new Map<string, RunningReply>();
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
      throw new ConflictException('This session is still being answered; wait for its end');
    }
    const abort = new AbortController();
    const asked = this.sessions.logEntryToQueue({ sessionId, message, context: USER_CONTEXT });
    const answered = asked.then(
      () => this.replies.write(sessionId, abort.signal),
      () => undefined, // There is nothing to answer; the caller is told why, below.
    );
    const done = answered.finally(() => this.running.delete(sessionId));
    this.running.set(sessionId, { abort, done });
    await asked;
    return sessionId;
  }

  async onModuleDestroy(): Promise<void> {
    this.closing = true;
    const replies = [...this.running.values()];
    for (const { abort } of replies) abort.abort();
    await Promise.all(replies.map(({ done }) => done));
  }
}
