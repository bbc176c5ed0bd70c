import type { OutletStats } from './queue/outlet.js';

/** Counters since the start of the process, and what is held now. */
export interface SessionLoggerStats {
  /** Entries and ends accepted. */
  readonly accepted: number;
  /** Calls refused for bad input, a full queue or after shutdown. */
  readonly refused: number;
  /** Entries and ends handed on to store and sinks. */
  readonly distributed: number;
  /** What became of the entries, by sink. */
  readonly sinks: Readonly<Record<string, OutletStats>>;
  /** What became of entries and ends on their way into the store. */
  readonly store: OutletStats;
  /** Session logs that exist in this process. */
  readonly sessions: number;
  /** Readers that are open in this process, SSE clients among them. */
  readonly readers: number;
  /** Entries and ends that this process holds in session logs, and their size in bytes by estimate. */
  readonly retained: { readonly entries: number; readonly bytes: number };
  /** The central queue: what lies in it, bytes by estimate, calls that wait for room, records dropped. */
  readonly queue: {
    readonly entries: number;
    readonly bytes: number;
    readonly waiting: number;
    readonly dropped: number;
  };
  /** Entries that redaction holds back as they may become secrets, and secrets that it has masked. */
  readonly redaction: { readonly held: number; readonly masked: number };
  /** As `SessionLoggerService#isHealthy`. */
  readonly healthy: boolean;
  /** How often something went wrong, by its kind: `refused`, `queue`, `sink <name>`, `listener <event>`, … */
  readonly troubles: Readonly<Record<string, number>>;
}
