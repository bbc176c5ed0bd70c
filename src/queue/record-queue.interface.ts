import type { SessionRecord } from '../entry/log-entry.js';

/** Takes records in: the central queue, or what stands before it. */
export interface RecordQueue {
  /**
   * Puts a record in. Returns undefined when it is in, or a promise that resolves once there was room.
   *
   * @throws SessionLoggerError `QUEUE_FULL`
   */
  push(record: SessionRecord): Promise<void> | undefined;
  /** The same for many: all or none. */
  pushAll(records: readonly SessionRecord[]): Promise<void> | undefined;
}
