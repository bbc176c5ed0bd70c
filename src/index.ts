/**
 * The module, the service that is injected, and their types.
 *
 * @module nestjs-session-logger
 */

export type { LangChainCallbacks } from './capture/langchain-callbacks.js';
export type { CaptureOutcome } from './capture/reply.js';
export type { CaptureSource, SourceStream, WebStream } from './capture/source-iterator.js';
export { SessionLoggerModule } from './session-logger.module.js';
export type {
  SessionLoggerAsyncOptions,
  SessionLoggerFactoryOptions,
  SessionLoggerOptionsFactory,
  SessionLoggerStaticOptions,
} from './session-logger.module-definition.js';
export type {
  SessionHttpOptions,
  SessionViewerOptions,
  SessionLoggerLimits,
  SessionLoggerOptions,
  SessionOpenApiOptions,
} from './options/session-logger-options.js';
export type {
  Authorize,
  SessionAction,
  SessionGrant,
  SessionIdFilter,
  SessionRequest,
  SessionVerdict,
} from './options/authorize.js';
export type { SessionContextOptions, SessionIdCarrier, SessionIdSource } from './options/context-options.js';
export { SessionContextInterceptor } from './context/session-context.interceptor.js';
export { SessionId } from './context/session-id.decorator.js';
export { SessionNestLogger } from './context/session-nest-logger.js';
export { getSessionLoggerToken, InjectSessionLogger } from './session-logger.inject.js';
export { SessionLoggerService } from './session-logger.service.js';
export type {
  SegmentKind,
  SegmentChange,
  SegmentUpdate,
  SessionSegment,
  SessionSegmentEvent,
} from './segments/session-segment.js';
export type {
  CaptureOptions,
  SegmentOptions,
  HistoryOptions,
  ListOptions,
  ReadOptions,
} from './session-logger.service.js';
export type { SessionLoggerStats } from './session-logger.stats.js';
export type { SessionTelemetry } from './telemetry/session-telemetry.interface.js';
export type { SpanIds } from './queue/intake.js';
export { SessionLoggerError } from './session-logger.errors.js';
export type { SessionLoggerErrorCode } from './session-logger.errors.js';
export {
  SESSION_ENDED_EVENT,
  SESSION_ENTRY_EVENT,
  SESSION_EVICTED_EVENT,
  SESSION_OPENED_EVENT,
  sessionLoggerEvent,
  SINK_FAILED_EVENT,
} from './session-logger.events.js';
export type {
  SessionEvictedEvent,
  SessionLoggerEventMap,
  SessionOpenedEvent,
  SinkFailedEvent,
} from './session-logger.events.js';
export { currentSessionId, runInSession } from './entry/current-session.js';
export type { Gap, GapReason } from './entry/gap.js';
export { LOG_ENTRY_LEVELS, LOG_TYPES, LogEntry, LogLine } from './entry/log-entry.js';
export type {
  JsonObject,
  JsonValue,
  LogEntryInput,
  LogEntryLevel,
  LogType,
  SessionRecord,
} from './entry/log-entry.js';
export { SessionEnd } from './entry/session-end.js';
export type { EndReason } from './entry/session-end.js';
export { isSessionId, SESSION_ID_PATTERN } from './entry/session-id.js';
export {
  REASONING_START_TOKEN,
  REASONING_STOP_TOKEN,
  SPECIAL_END_TOKENS,
  SPECIAL_TOKENS,
  STREAM_END_TOKEN,
  STREAM_START_TOKEN,
  TOOL_CALL_END_TOKEN,
  TOOL_CALL_START_TOKEN,
} from './entry/special-tokens.js';
export type { SessionTokens } from './entry/special-tokens.js';
export { TokenScanner } from './entry/token-scanner.js';
export type { TokenPiece } from './entry/token-scanner.js';
export type { CentralQueueBounds, Overflow } from './queue/central-queue.js';
export type { EndSessionOptions } from './queue/intake.js';
export type { OutletBounds, OutletStats } from './queue/outlet.js';
export type { RedactOptions, RedactPattern, RedactPreset } from './redaction/redact-options.js';
export { DEFAULT_LOGS_DIR } from './sinks/file/default-logs-dir.js';
export type { DailyFileOptions } from './sinks/file/daily-file.sink.js';
export type { LineFormat } from './sinks/file/line-format.js';
export { readLogFiles } from './sinks/file/read-log-files.js';
export type { LogFileEntry, LogFileReader, ReadLogFilesOptions } from './sinks/file/read-log-files.js';
export { defaultStreamHandler } from './sinks/terminal/default-stream-handler.js';
export { LogSink } from './sinks/log-sink.interface.js';
export type { PopOptions } from './store/pop-iterator.js';
export type { IteratorOptions } from './store/session-iterator.js';
export { SessionStore } from './store/session-store.interface.js';
export type {
  PopTurn,
  EvictionReason,
  ReadFrom,
  SessionHistory,
  SessionList,
  SessionReader,
  SessionStoreLimits,
  SessionStoreListener,
  SessionStoreStats,
  SessionSummary,
  SharedNotes,
} from './store/session-store.interface.js';
