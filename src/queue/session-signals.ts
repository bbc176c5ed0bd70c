/** Signals by which the producers of sessions learn that they are to stop. */
export class SessionSignals {
  private readonly controllers = new Map<string, AbortController>();

  /** @param max sessions remembered; beyond it the one that was asked for longest ago can no longer be cancelled */
  constructor(private readonly max: number) {}

  /** The signal of the session as it goes on now: the same one until it is cancelled or ends. */
  of(sessionId: string): AbortSignal {
    const controller = this.controllers.get(sessionId) ?? new AbortController();
    this.controllers.delete(sessionId);
    this.controllers.set(sessionId, controller);
    this.forgetOldest();
    return controller.signal;
  }

  /** Aborts the signal that producers hold, with an `AbortError` as fetch and most clients of models know it. */
  abort(sessionId: string, reason = 'The session was cancelled.'): void {
    const controller = this.controllers.get(sessionId);
    this.renew(sessionId);
    controller?.abort(new DOMException(reason, 'AbortError'));
  }

  /** The session has ended: who asks from now on is given another signal. */
  renew(sessionId: string): void {
    this.controllers.delete(sessionId);
  }

  private forgetOldest(): void {
    const [oldest] = this.controllers.keys();
    if (this.controllers.size > this.max && oldest !== undefined) this.controllers.delete(oldest);
  }
}
