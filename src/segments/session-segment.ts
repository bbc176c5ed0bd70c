import type { Gap } from '../entry/gap.js';
import type { JsonObject, JsonValue, LogEntryLevel } from '../entry/log-entry.js';
import type { EndReason } from '../entry/session-end.js';

/** What a part of a session is: of the answer, of the reasoning, the call of a tool, or a line of the log. */
export type SegmentKind = 'text' | 'reasoning' | 'tool' | 'log';

/** A part of a session, as one shows it. */
export interface SessionSegment {
  /** Tells it from the session's others, for all readers alike. */
  readonly key: string;
  readonly kind: SegmentKind;
  /** Of the entry that it begins with: ISO 8601, UTC. */
  readonly timestamp: string;
  /** So far; of a tool its arguments as they came. */
  readonly text: string;
  /** Whether no more text follows. Of a tool whose arguments were cut off with their reply it stays false. */
  readonly complete: boolean;
  /** Who speaks: the `context` of its entries. */
  readonly context?: string;
  /** Of a log line. */
  readonly level?: LogEntryLevel;
  /** Of a log line. */
  readonly data?: JsonObject;
  /** Of a tool. */
  readonly toolCallId?: string;
  readonly toolName?: string;
  /** Of a tool, complete: its arguments. */
  readonly input?: JsonValue;
  /** Of a tool that has returned. */
  readonly output?: JsonValue;
  /** Of a tool that has failed. */
  readonly error?: string;
}

/** What happens to the segments of a session. */
export type SegmentChange =
  | { readonly type: 'start'; readonly segment: SessionSegment }
  | { readonly type: 'delta'; readonly key: string; readonly text: string }
  | { readonly type: 'end'; readonly key: string; readonly input?: JsonValue }
  | { readonly type: 'result'; readonly key: string; readonly output?: JsonValue; readonly error?: string }
  /** The session has ended; it may go on. */
  | { readonly type: 'finish'; readonly reason: EndReason; readonly error?: string };

/** What changes the segments that one has. */
export type SegmentUpdate =
  | SegmentChange
  /** All segments there are: they take the place of all that was given before. */
  | {
      readonly type: 'snapshot';
      readonly segments: readonly SessionSegment[];
      /** How many records of the beginning are no longer kept; left out where none has gone. */
      readonly missed?: number;
    };

/** What one who follows the segments of a session is given. `id` is where to go on behind it. */
export type SessionSegmentEvent = { readonly id: string } & (
  | SegmentUpdate
  /** Something can no longer be given; a snapshot of what is left follows. */
  | { readonly type: 'gap'; readonly gap: Gap }
);
