import { SessionLoggerError } from '../session-logger.errors.js';

/** A web stream, as far as it is used here. */
export interface WebStream<T> {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: T | undefined }>;
    cancel(reason?: unknown): Promise<void>;
  };
}

/** What `iterate` takes: all that can be read part by part, or a promise of it. */
export type CaptureSource<T> = SourceStream<T> | PromiseLike<SourceStream<T>>;

/** An async iterable, a Node stream among them, an iterable, or a web stream. */
export type SourceStream<T> = AsyncIterable<T> | Iterable<T> | WebStream<T>;

/** What is read from. */
export interface SourceIterator<T> {
  next(): Promise<IteratorResult<T>> | IteratorResult<T>;
  /** Stops the source, which may be in the middle of a `next()`. */
  stop(): unknown;
}

/** @throws SessionLoggerError (as a rejection) `INVALID_SOURCE`; whatever the promise of a source rejects with */
export async function iterate<T>(promised: CaptureSource<T>): Promise<SourceIterator<T>> {
  const source: unknown = await promised;
  if (typeof source === 'object' && source !== null) {
    // Before its iterator, whose return() waits for the part that is on its way.
    if ('getReader' in source) return readerOf(source as WebStream<T>);
    if (Symbol.asyncIterator in source)
      return stoppable((source as AsyncIterable<T>)[Symbol.asyncIterator](), source as Stoppable);
    if (Symbol.iterator in source)
      return stoppable((source as Iterable<T>)[Symbol.iterator](), source as Stoppable);
  }
  throw new SessionLoggerError(
    'INVALID_SOURCE',
    `capture: the source is ${source === null ? 'null' : `of type ${typeof source}`} and cannot be iterated; expected a stream, an ` +
      'async iterable or a promise of one, such as result.fullStream of the AI SDK.',
  );
}

/** How sources are stopped at once: Node streams, and the streams of the clients of OpenAI and Anthropic. */
interface Stoppable {
  destroy?(): unknown;
  readonly controller?: { abort?(): unknown };
}

function stoppable<T>(iterator: AsyncIterator<T> | Iterator<T>, source: Stoppable): SourceIterator<T> {
  return {
    next: () => iterator.next(),
    stop: () => {
      source.destroy?.();
      source.controller?.abort?.();
      return iterator.return?.();
    },
  };
}

function readerOf<T>(stream: WebStream<T>): SourceIterator<T> {
  const reader = stream.getReader();
  return {
    next: async () => {
      const { done, value } = await reader.read();
      return done ? { done, value: undefined } : { done, value: value as T };
    },
    stop: () => reader.cancel(),
  };
}
