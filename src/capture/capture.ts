import { setMaxListeners } from 'node:events';
import { readerFor } from './read-part.js';
import type { ReplyRecorder } from './reply-recorder.js';
import type { SessionWriter } from './session-writer.interface.js';
import { iterate, type CaptureSource, type SourceIterator } from './source-iterator.js';
import type { PartReader } from './sources/part-reader.interface.js';

/** How a source ended. */
export interface CaptureOutcome {
  /** `cancelled`: a signal, or who made the source, has stopped it. */
  readonly reason: 'completed' | 'error' | 'cancelled';
  /** What the source threw, or told, of an `error`. */
  readonly error?: unknown;
}

/** What a capture needs to know. */
export interface CaptureParts {
  readonly writer: SessionWriter;
  readonly recorder: ReplyRecorder;
  /** Whether the session is ended where the source has come to its end. */
  readonly endsSession: boolean;
  /** Aborted by who cancels the session, which then has its end already. */
  readonly cancelled: AbortSignal;
  /** Aborted by who wants to stop the source. */
  readonly stopped: AbortSignal | undefined;
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** Reads a source to its end, into a session. */
export class Capture<T> {
  /** How it ended, once the session has all of it. Never rejects. */
  readonly outcome: Promise<CaptureOutcome>;
  private settle!: (outcome: CaptureOutcome) => void;
  /** The session has all that it gets. */
  private isConcluded = false;
  private isStopped = false;
  private reader: PartReader | undefined;
  private readonly opening: Promise<SourceIterator<T>>;

  constructor(
    source: CaptureSource<T>,
    private readonly parts: CaptureParts,
  ) {
    this.outcome = new Promise((resolve) => (this.settle = resolve));
    this.opening = iterate(source);
    // Told by the first read.
    this.opening.catch(() => {});
    for (const signal of this.signals()) {
      // Node warns of a leak from 11 listeners on; here one signal may well stop many sources.
      setMaxListeners(0, signal);
      if (signal.aborted) this.stop();
      else signal.addEventListener('abort', this.stop, { once: true });
    }
  }

  /** Reads all there is. Never rejects. One function, as each more that is awaited costs as much as logging does. */
  async run(): Promise<void> {
    try {
      const iterator = await this.opening;
      while (!this.isConcluded) await this.take(await iterator.next());
    } catch (error) {
      await this.conclude(error ?? new Error('The source threw undefined.'));
    }
    this.stopSource();
  }

  /**
   * Reads the next part, also where the session has been told that something went wrong.
   *
   * @throws what the source throws
   */
  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.isStopped) return DONE;
    const result = await this.pull();
    await this.take(result)?.catch((error: unknown) => this.conclude(error));
    return this.isStopped || result.done === true ? DONE : result;
  }

  private async pull(): Promise<IteratorResult<T>> {
    try {
      return await (await this.opening).next();
    } catch (error) {
      await this.conclude(error ?? new Error('The source threw undefined.'));
      if (this.isStopped) return DONE;
      throw error;
    }
  }

  /** Resolves when what a part says is accepted. */
  private take(result: IteratorResult<T>): Promise<void> | undefined {
    if (this.isConcluded) return undefined;
    if (result.done === true) return this.complete();
    const { recorder } = this.parts;
    try {
      this.reader ??= readerFor(result.value);
      this.reader.read(result.value, recorder);
      return recorder.accepted;
    } catch (error) {
      return this.conclude(error);
    }
  }

  private async complete(): Promise<void> {
    const { recorder } = this.parts;
    try {
      if (recorder.failure === undefined && !recorder.isAborted) this.reader?.end?.(recorder);
      await this.conclude(recorder.failure);
    } catch (error) {
      await this.conclude(error);
    }
  }

  private readonly stop = (): void => {
    this.isStopped = true;
    this.stopSource();
    void this.conclude(undefined);
  };

  /** A source may be in the middle of a part: it is not waited for. */
  private stopSource(): void {
    this.opening.then((iterator) => iterator.stop()).catch(() => {});
  }

  /** Ends what is written into the session, once. */
  private async conclude(error: unknown): Promise<void> {
    if (this.isConcluded) return;
    this.isConcluded = true;
    for (const signal of this.signals()) signal.removeEventListener('abort', this.stop);
    const outcome = this.outcomeOf(error);
    // Who refused an entry has told so.
    await this.writeEnd(outcome).catch(() => {});
    this.settle(outcome);
  }

  private outcomeOf(error: unknown): CaptureOutcome {
    if (this.isStopped || this.parts.recorder.isAborted || isAbort(error)) return { reason: 'cancelled' };
    return error === undefined ? { reason: 'completed' } : { reason: 'error', error };
  }

  private async writeEnd(outcome: CaptureOutcome): Promise<void> {
    const { writer, recorder, cancelled, stopped, endsSession } = this.parts;
    // What came now would reopen the session.
    if (cancelled.aborted) return;
    if (outcome.reason === 'completed') recorder.finish();
    else recorder.flush();
    await recorder.accepted.catch(() => {});
    if (outcome.reason === 'cancelled') await writer.end({ reason: 'cancelled', error: reasonOf(stopped) });
    else if (outcome.reason === 'error') await writer.end({ error: outcome.error });
    else if (endsSession) await writer.end({});
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
