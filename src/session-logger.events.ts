import type { EventEmitter2 } from '@nestjs/event-emitter';
import type { LogEntry } from './entry/log-entry.js';
import type { EvictionReason } from './store/session-store.interface.js';
import type { SessionEnd } from './entry/session-end.js';

/** An entry was distributed. Payload: the {@link LogEntry}. */
export const SESSION_ENTRY_EVENT = 'session-logger.entry';
/** A session log got its first record, or its first after an end. Payload: {@link SessionOpenedEvent}. */
export const SESSION_OPENED_EVENT = 'session-logger.session.opened';
/** A session ended. Payload: the {@link SessionEnd}. */
export const SESSION_ENDED_EVENT = 'session-logger.session.ended';
/** A session log was removed to keep within bounds. Payload: {@link SessionEvictedEvent}. */
export const SESSION_EVICTED_EVENT = 'session-logger.session.evicted';
/** A sink (or the store) lost entries. Payload: {@link SinkFailedEvent}. */
export const SINK_FAILED_EVENT = 'session-logger.sink.failed';

/** Payload of {@link SESSION_OPENED_EVENT}. */
export interface SessionOpenedEvent {
  readonly sessionId: string;
  /** The session had ended before. */
  readonly reopened: boolean;
}

/** Payload of {@link SESSION_EVICTED_EVENT}. */
export interface SessionEvictedEvent {
  readonly sessionId: string;
  /** How many records went with it. */
  readonly records: number;
  readonly reason: EvictionReason;
}

/** Payload of {@link SINK_FAILED_EVENT}. */
export interface SinkFailedEvent {
  /** Name of the sink, or `store`. */
  readonly sink: string;
  /** How many entries were lost by it. */
  readonly lost: number;
  readonly error: unknown;
}

/** The payload of each event, by its name. */
export interface SessionLoggerEventMap {
  [SESSION_ENTRY_EVENT]: LogEntry;
  [SESSION_OPENED_EVENT]: SessionOpenedEvent;
  [SESSION_ENDED_EVENT]: SessionEnd;
  [SESSION_EVICTED_EVENT]: SessionEvictedEvent;
  [SINK_FAILED_EVENT]: SinkFailedEvent;
}

/**
 * What an event is called where the logger of that name emits it: nobody who listens to one logger hears another.
 *
 * ```ts
 * @OnEvent(sessionLoggerEvent(SESSION_ENDED_EVENT, 'audit'))
 * ```
 *
 * @param name the `name` given to `forRoot`; undefined for the logger without one
 */
export function sessionLoggerEvent(event: keyof SessionLoggerEventMap, name?: string): string {
  return name === undefined ? event : event.replace(/^session-logger/, `session-logger:${name}`);
}

/** Emits on the application's own `EventEmitter2`, where it has one; a listener that throws is only reported. */
export class SessionLoggerEvents {
  private emitter: EventEmitter2 | undefined;

  constructor(
    private readonly name: string | undefined,
    private readonly onListenerError: (event: string, error: unknown) => void,
  ) {}

  /** Says where to emit from now on. */
  use(emitter: EventEmitter2): void {
    this.emitter = emitter;
  }

  /** Whether anybody listens: what nobody hears need not be prepared. */
  hasListeners(event: keyof SessionLoggerEventMap): boolean {
    const { emitter } = this;
    if (emitter === undefined) return false;
    return (
      Boolean(emitter.hasListeners(sessionLoggerEvent(event, this.name))) || emitter.listenersAny().length > 0
    );
  }

  emit<Event extends keyof SessionLoggerEventMap>(event: Event, payload: SessionLoggerEventMap[Event]): void {
    const { emitter } = this;
    if (emitter === undefined || !this.hasListeners(event)) return;
    const name = sessionLoggerEvent(event, this.name);
    // Not by emit(), where a listener that throws keeps the event from those behind it.
    for (const listener of emitter.listenersAny()) this.call(name, () => listener(name, payload));
    for (const listener of emitter.listeners(name)) this.call(name, () => listener(payload));
  }

  private call(event: string, listener: () => unknown): void {
    try {
      const result = listener();
      // Its rejection, which nobody awaits, would end the process.
      if (result instanceof Promise) result.catch((error: unknown) => this.onListenerError(event, error));
    } catch (error) {
      this.onListenerError(event, error);
    }
  }
}
