/** Which sessions have ended in this process and were not logged to since: so many of them, the ones that ended last. */
export class EndedSessions {
  private readonly ids = new Set<string>();

  constructor(private readonly max: number) {}

  has(sessionId: string): boolean {
    return this.ids.has(sessionId);
  }

  ended(sessionId: string): void {
    this.ids.delete(sessionId);
    this.ids.add(sessionId);
    const [oldest] = this.ids;
    if (this.ids.size > this.max && oldest !== undefined) this.ids.delete(oldest);
  }

  reopened(sessionId: string): void {
    if (this.ids.size > 0) this.ids.delete(sessionId);
  }
}
