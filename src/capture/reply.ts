import { setMaxListeners } from 'node:events';
import { messageOf } from '../session-logger.errors.js';
import type { ReplyRecorder } from './reply-recorder.js';
import type { SessionWriter } from './session-writer.interface.js';

/** How a reply ended. */
export interface CaptureOutcome {
  /** `cancelled`: a signal, or who made the source, has stopped it. */
  readonly reason: 'completed' | 'error' | 'cancelled';
  /** What the source threw, or told, of an `error`. */
  readonly error?: unknown;
}

/** What a reply needs to know. */
export interface ReplyParts {
  readonly writer: SessionWriter;
  readonly recorder: ReplyRecorder;
  /** Whether the session is ended where the reply has come to its end. */
  readonly endsSession: boolean;
  /** Aborted by who cancels the session, here or in another process. */
  readonly cancelled: AbortSignal;
  /** Aborted by who wants to stop the reply. */
  readonly stopped: AbortSignal | undefined;
}

/** One reply on its way into its session: written by its recorder until it is concluded or stopped. */
export class Reply {
  /** How it ended, once the session has all of it. Never rejects. */
  readonly outcome: Promise<CaptureOutcome>;
  readonly recorder: ReplyRecorder;
  private settle!: (outcome: CaptureOutcome) => void;
  private isOver = false;
  private hasStopped = false;

  /** @param onStop called once where a signal stops it, within this call where that is aborted already */
  constructor(
    private readonly parts: ReplyParts,
    private readonly onStop: () => void,
  ) {
    this.recorder = parts.recorder;
    this.outcome = new Promise((resolve) => (this.settle = resolve));
    for (const signal of this.signals()) {
      // Node warns of a leak from 11 listeners on; here one signal may well stop many replies.
      setMaxListeners(0, signal);
      signal.addEventListener('abort', this.stop, { once: true });
    }
    // Behind all of them, as stopping takes the listeners away.
    if (this.signals().some(({ aborted }) => aborted)) this.stop();
  }

  /** The session is given nothing more of it. */
  get isConcluded(): boolean {
    return this.isOver;
  }

  get isStopped(): boolean {
    return this.hasStopped;
  }

  /** Ends what is written into the session, once. @param error what went wrong, if anything */
  async conclude(error: unknown): Promise<void> {
    if (this.isOver) return;
    this.isOver = true;
    for (const signal of this.signals()) signal.removeEventListener('abort', this.stop);
    const outcome = this.outcomeOf(error);
    this.settle(
      await this.writeEnd(outcome).then(
        () => outcome,
        // The session has no end, whatever came of the reply.
        (refusal: unknown) => (outcome.reason === 'error' ? outcome : { reason: 'error', error: refusal }),
      ),
    );
  }

  private readonly stop = (): void => {
    if (this.hasStopped) return;
    this.hasStopped = true;
    this.onStop();
    void this.conclude(undefined);
  };

  private outcomeOf(error: unknown): CaptureOutcome {
    if (this.hasStopped || this.recorder.isAborted || isAbort(error)) return { reason: 'cancelled' };
    return error === undefined ? { reason: 'completed' } : { reason: 'error', error };
  }

  private async writeEnd(outcome: CaptureOutcome): Promise<void> {
    const { writer, recorder, cancelled, stopped, endsSession } = this.parts;
    if (outcome.reason === 'completed') recorder.finish();
    else recorder.flush();
    // Its end follows. That of another process may stand before what came last, which has reopened the session.
    if (cancelled.aborted && writer.isCancelling()) return;
    const refusal = await recorder.accepted.then(
      () => undefined,
      (error: unknown) => error,
    );
    const why = cancelled.aborted ? messageOf(cancelled.reason) : reasonOf(stopped);
    if (outcome.reason === 'cancelled') await writer.end({ reason: 'cancelled', error: why });
    else if (outcome.reason === 'error') await writer.end({ error: outcome.error });
    else if (refusal !== undefined) {
      await writer.end({ error: refusal });
      await recorder.accepted;
    } else if (endsSession) await writer.end({});
  }

  private signals(): AbortSignal[] {
    const { cancelled, stopped } = this.parts;
    return stopped === undefined ? [cancelled] : [cancelled, stopped];
  }
}

/** What clients of models throw where they were told to stop. */
function isAbort(error: unknown): boolean {
  const { name, constructor } = (error ?? {}) as { name?: unknown; constructor?: { name?: unknown } };
  return name === 'AbortError' || constructor?.name === 'APIUserAbortError';
}

/** Why a signal was aborted, where somebody said so. */
function reasonOf(signal: AbortSignal | undefined): string | undefined {
  const reason: unknown = signal?.reason;
  if (typeof reason === 'string') return reason;
  return reason instanceof Error && reason.name !== 'AbortError' ? reason.message : undefined;
}
