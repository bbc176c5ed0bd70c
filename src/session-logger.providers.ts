import type { Provider } from '@nestjs/common';
import { LINE_OUTLET } from './context/session-nest-logger.js';
import { LogEntry, type SessionRecord } from './entry/log-entry.js';
import { CentralQueue } from './queue/central-queue.js';
import { Distributor } from './queue/distributor.js';
import { EndedSessions } from './queue/ended-sessions.js';
import { ExitGuard } from './queue/exit-guard.js';
import { Intake } from './queue/intake.js';
import { Outlet, type OutletTarget } from './queue/outlet.js';
import { Redaction } from './queue/redaction.interface.js';
import { Router } from './queue/router.js';
import { SessionSignals } from './queue/session-signals.js';
import {
  SESSION_ENDED_EVENT,
  SESSION_ENTRY_EVENT,
  SessionLoggerEvents,
  SINK_FAILED_EVENT,
} from './session-logger.events.js';
import { RESOLVED_OPTIONS, type ResolvedOptions } from './options/resolve-options.js';
import { SessionLoggerLifecycle } from './session-logger.lifecycle.js';
import { Redactor } from './redaction/redactor.js';
import { Reporter } from './session-logger.reporter.js';
import { OWN_SERVICE, SessionLoggerService } from './session-logger.service.js';
import { DailyFileSink } from './sinks/file/daily-file.sink.js';
import { LogSink } from './sinks/log-sink.interface.js';
import { LineTerminal } from './sinks/terminal/line-terminal.js';
import { TerminalSink } from './sinks/terminal/terminal.sink.js';
import { MemoryStore } from './store/memory-store.js';
import { DeliveryMeter } from './telemetry/delivery-meter.js';
import { SessionTelemetryLifecycle } from './session-logger.telemetry.js';
import { MemoryNotes } from './store/memory-notes.js';
import { SessionStore, SharedNotes } from './store/session-store.interface.js';

/** Everything that does not depend on how the module was imported. The one place that names concrete stores and sinks. */
export const sessionLoggerProviders: Provider[] = [
  {
    provide: Reporter,
    inject: [RESOLVED_OPTIONS],
    useFactory: ({ name }: ResolvedOptions) => new Reporter(name),
  },
  { provide: OWN_SERVICE, useClass: SessionLoggerService },
  SessionLoggerLifecycle,
  { provide: SessionStore, inject: [RESOLVED_OPTIONS], useFactory: createStore },
  {
    provide: SharedNotes,
    inject: [SessionStore],
    useFactory: (store: SessionStore): SharedNotes => store.notes ?? new MemoryNotes(),
  },
  { provide: LogSink, inject: [RESOLVED_OPTIONS, Reporter], useFactory: createSinks },
  {
    provide: DeliveryMeter,
    inject: [RESOLVED_OPTIONS, Reporter],
    useFactory: ({ telemetry }: ResolvedOptions, reporter: Reporter) =>
      new DeliveryMeter(telemetry, (error) => telemetryFailed(reporter, error)),
  },
  SessionTelemetryLifecycle,
  { provide: LINE_OUTLET, inject: [RESOLVED_OPTIONS], useFactory: createLineOutlet },
  { provide: CentralQueue, inject: [RESOLVED_OPTIONS, Reporter], useFactory: createQueue },
  { provide: Redaction, inject: [RESOLVED_OPTIONS, CentralQueue, Reporter], useFactory: createRedaction },
  {
    provide: Intake,
    inject: [RESOLVED_OPTIONS, CentralQueue, Redaction, Reporter],
    useFactory: createIntake,
  },
  { provide: SessionLoggerEvents, inject: [RESOLVED_OPTIONS, Reporter], useFactory: createEvents },
  {
    provide: Router,
    inject: [RESOLVED_OPTIONS, SessionStore, LogSink, SessionLoggerEvents, Reporter],
    useFactory: createRouter,
  },
  {
    provide: SessionSignals,
    inject: [RESOLVED_OPTIONS],
    useFactory: ({ limits }: ResolvedOptions) => new SessionSignals(limits.sessions),
  },
  {
    provide: Distributor,
    inject: [CentralQueue, Router, Redaction],
    useFactory: (queue: CentralQueue, router: Router, redaction?: Redaction) =>
      new Distributor(queue, router.handOn, () => redaction?.release()),
  },
  {
    provide: ExitGuard,
    inject: [CentralQueue, Router, Redaction],
    useFactory: (queue: CentralQueue, router: Router, redaction?: Redaction) =>
      new ExitGuard(queue, router, () => redaction?.release()),
  },
];

function createStore({ store, limits }: ResolvedOptions): SessionStore {
  return store ?? new MemoryStore(limits);
}

function createSinks(options: ResolvedOptions, reporter: Reporter): LogSink[] {
  const { terminal, sinks, tokens } = options;
  return [
    ...createFileSink(options, reporter),
    ...(terminal === false ? [] : [new TerminalSink({ tokens, ...(terminal !== true && terminal) })]),
    ...sinks,
  ];
}

function createFileSink({ files, onSinkFailure }: ResolvedOptions, reporter: Reporter): LogSink[] {
  if (files === false) return [];
  try {
    return [new DailyFileSink(files, (kind, what, error) => reporter.warn(kind, what, error))];
  } catch (error) {
    if (onSinkFailure === 'throw') throw error;
    reporter.warn('file', 'There will be no log file until the application is started again', error);
    return [];
  }
}

/** The terminal sink, where there is one, prints the application's lines with all else. */
function createLineOutlet({ terminal, limits }: ResolvedOptions): Outlet<LogEntry> | undefined {
  // The file has what a terminal that is gone does not take.
  return terminal === false ? new Outlet(new LineTerminal(), limits, () => {}) : undefined;
}

function createQueue({ limits }: ResolvedOptions, reporter: Reporter): CentralQueue {
  return new CentralQueue(limits, () =>
    reporter.warn('queue', 'The central queue was full and dropped its oldest entry; see stats().queue'),
  );
}

function createRedaction(
  { redact, limits }: ResolvedOptions,
  queue: CentralQueue,
  reporter: Reporter,
): Redaction | undefined {
  if (redact === undefined) return undefined;
  return new Redactor(redact, queue, limits, (error) =>
    reporter.warn('redact', 'A pattern of redact failed; what it was tried on was masked as a whole', error),
  );
}

function createIntake(
  { limits, telemetry }: ResolvedOptions,
  queue: CentralQueue,
  redaction: Redaction | undefined,
  reporter: Reporter,
): Intake {
  return new Intake(
    queue,
    new EndedSessions(limits.sessions),
    limits.messageBytes,
    (error) => reporter.warn('refused', 'An entry was refused', error),
    () => {
      try {
        return telemetry?.activeSpan();
      } catch (error) {
        telemetryFailed(reporter, error);
        return undefined;
      }
    },
    redaction,
  );
}

function telemetryFailed(reporter: Reporter, error: unknown): void {
  reporter.warn('telemetry', 'Telemetry failed; logging goes on', error);
}

function createEvents({ name }: ResolvedOptions, reporter: Reporter): SessionLoggerEvents {
  return new SessionLoggerEvents(name, (event, error) =>
    reporter.warn(`listener ${event}`, `A listener of ${event} threw; the others and the log go on`, error),
  );
}

function createRouter(
  { limits }: ResolvedOptions,
  store: SessionStore,
  sinks: readonly LogSink[],
  events: SessionLoggerEvents,
  reporter: Reporter,
): Router {
  const onLoss = (sink: string, lost: number, error: unknown): void => {
    reporter.warn(`sink ${sink}`, `Sink ${sink} lost ${lost} entries; the others go on`, error);
    events.emit(SINK_FAILED_EVENT, { sink, lost, error });
  };
  return new Router(
    new Outlet(storeTarget(store), limits, onLoss),
    sinks.map((sink) => new Outlet(sink, limits, onLoss)),
    (batch) => announce(events, batch),
  );
}

function storeTarget(store: SessionStore): OutletTarget<SessionRecord> {
  return {
    name: 'store',
    get failure() {
      return store.failure;
    },
    write: (records) => store.append(records),
    lost: (record) => store.dropped?.(record),
  };
}

function announce(events: SessionLoggerEvents, batch: readonly SessionRecord[]): void {
  const wantsEntries = events.hasListeners(SESSION_ENTRY_EVENT);
  const wantsEnds = events.hasListeners(SESSION_ENDED_EVENT);
  if (!wantsEntries && !wantsEnds) return;
  for (const record of batch) {
    if (record instanceof LogEntry) events.emit(SESSION_ENTRY_EVENT, record);
    else events.emit(SESSION_ENDED_EVENT, record);
  }
}
