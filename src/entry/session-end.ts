/** How a session ended: `completed`, `error` or `cancelled`; `deleted` where its log was removed while it was read. */
export type EndReason = 'completed' | 'error' | 'cancelled' | 'deleted';

/** How a session may be ended. */
export const END_REASONS: readonly Exclude<EndReason, 'deleted'>[] = ['completed', 'error', 'cancelled'];

/** The record that ends a session. It takes a position like an entry; the next entry reopens the session. */
export class SessionEnd {
  /** Position in the session log, `<epoch>-<offset>`, once stored. */
  readonly id: string | undefined = undefined;

  constructor(
    /** `<process>-<n>`, given at acceptance. */
    readonly uid: string,
    readonly sessionId: string,
    /** ISO 8601, UTC. */
    readonly timestamp: string,
    readonly reason: EndReason,
    /** What failed, for an end with reason `error`: a text without a stack. */
    readonly error: string | undefined,
  ) {}
}
