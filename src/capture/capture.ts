import { readerFor } from './read-part.js';
import { Reply, type CaptureOutcome, type ReplyParts } from './reply.js';
import { iterate, type CaptureSource, type SourceIterator } from './source-iterator.js';
import type { PartReader } from './sources/part-reader.interface.js';

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** Reads a source to its end, into a session. */
export class Capture<T> {
  private readonly reply: Reply;
  private readonly opening: Promise<SourceIterator<T>>;
  /** End the waits for parts that may never come. */
  private readonly waits = new Set<() => void>();
  private reader: PartReader | undefined;

  constructor(source: CaptureSource<T>, parts: ReplyParts) {
    this.opening = iterate(source);
    // Told by the first read.
    this.opening.catch(() => {});
    this.reply = new Reply(parts, () => this.stopSource());
    // At once, so that who is sent to the session finds a reply under way.
    if (!this.reply.isConcluded) this.reply.recorder.open();
  }

  /** How it ended, once the session has all of it. Never rejects. */
  get outcome(): Promise<CaptureOutcome> {
    return this.reply.outcome;
  }

  /** Reads all there is. Never rejects. One function, as each more that is awaited costs as much as logging does. */
  async run(): Promise<void> {
    try {
      const iterator = await this.opening;
      while (!this.reply.isConcluded) await this.take(await iterator.next());
    } catch (error) {
      await this.fail(error);
    }
    this.stopSource();
  }

  /**
   * Reads the next part, also where the session has been told that something went wrong.
   *
   * @throws what the source throws
   */
  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.reply.isStopped) return DONE;
    const result = await this.pull();
    await this.take(result)?.catch((error: unknown) => this.fail(error));
    return this.reply.isStopped || result.done === true ? DONE : result;
  }

  private async pull(): Promise<IteratorResult<T>> {
    try {
      return await this.unlessStopped(this.opening.then((iterator) => iterator.next()));
    } catch (error) {
      await this.fail(error);
      if (this.reply.isStopped) return DONE;
      throw error;
    }
  }

  private unlessStopped(part: Promise<IteratorResult<T>>): Promise<IteratorResult<T>> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => resolve(DONE);
      this.waits.add(giveUp);
      void part.then(resolve, reject).finally(() => this.waits.delete(giveUp));
    });
  }

  /** Resolves when what a part says is accepted. */
  private take(result: IteratorResult<T>): Promise<void> | undefined {
    if (this.reply.isConcluded) return undefined;
    if (result.done === true) return this.complete();
    const { recorder } = this.reply;
    try {
      this.reader ??= readerFor(result.value);
      this.reader.read(result.value, recorder);
      return recorder.accepted;
    } catch (error) {
      return this.fail(error);
    }
  }

  private async complete(): Promise<void> {
    const { recorder } = this.reply;
    try {
      if (recorder.failure === undefined && !recorder.isAborted) this.reader?.end?.(recorder);
    } catch (error) {
      return this.fail(error);
    }
    return this.reply.conclude(recorder.failure);
  }

  private fail(error: unknown): Promise<void> {
    return this.reply.conclude(error ?? new Error('The source threw undefined.'));
  }

  /** A source may be in the middle of a part: it is not waited for. */
  private stopSource(): void {
    for (const giveUp of this.waits) giveUp();
    this.opening.then((iterator) => iterator.stop()).catch(() => {});
  }
}
