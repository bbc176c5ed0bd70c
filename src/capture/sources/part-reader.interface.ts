import type { ReplyRecorder } from '../reply-recorder.js';

/** Reads the parts of one kind of source. */
export interface PartReader {
  /** Writes what a part says. Parts that say nothing of the reply are passed over. */
  read(part: unknown, to: ReplyRecorder): void;
  /**
   * The source is over.
   *
   * @throws Error where the reply was cut off
   */
  end?(to: ReplyRecorder): void;
}

/** The error for a source that was over before the model said so. */
export function cutOff(missing: string): Error {
  return new Error(`The stream of the model was cut off: it ended without ${missing}.`);
}

/** The error for a model that says that it failed, and not how. */
export function unsaid(): Error {
  return new Error('The model failed, and said no more.');
}
