import { LogEntry, type SessionRecord } from '../entry/log-entry.js';
import type { SessionReader } from '../store/session-store.interface.js';
import type { SessionTelemetry } from './session-telemetry.interface.js';

/** Measures how old entries are when readers that follow live are given them. */
export class DeliveryMeter {
  /** @param onFailure told what the telemetry threw; the reader goes on */
  constructor(
    private readonly telemetry: Pick<SessionTelemetry, 'delivered'> | undefined,
    private readonly onFailure: (error: unknown) => void = () => {},
  ) {}

  /** The reader itself, where nobody wants to know. */
  of(reader: SessionReader): SessionReader {
    return this.telemetry === undefined ? reader : new MeteredReader(reader, this.tell);
  }

  private readonly tell = (seconds: number): void => {
    try {
      this.telemetry?.delivered(seconds);
    } catch (error) {
      this.onFailure(error);
    }
  };
}

/** A reader that tells the age of what it gives from the time on when it first had to wait: what was before is history. */
class MeteredReader implements SessionReader {
  private isLive = false;

  constructor(
    private readonly inner: SessionReader,
    private readonly tell: (seconds: number) => void,
  ) {}

  get position(): string {
    return this.inner.position;
  }

  get ended(): boolean {
    return this.inner.ended;
  }

  get closed(): boolean {
    return this.inner.closed;
  }

  get gap(): SessionReader['gap'] {
    return this.inner.gap;
  }

  read(): readonly SessionRecord[] | undefined {
    const records = this.inner.read();
    const oldest = this.isLive ? records?.find((record) => record instanceof LogEntry) : undefined;
    if (oldest !== undefined) this.tell(Math.max(0, Date.now() - Date.parse(oldest.timestamp)) / 1_000);
    return records;
  }

  wait(listener: () => void): void {
    this.isLive = true;
    this.inner.wait(listener);
  }

  close(): void {
    this.inner.close();
  }
}
