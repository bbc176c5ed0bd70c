import type { CanActivate, Type } from '@nestjs/common';
import type { Authorize } from './authorize.js';
import type { SessionContextOptions } from './context-options.js';
import type { SessionTokens } from '../entry/special-tokens.js';
import type { CentralQueueBounds } from '../queue/central-queue.js';
import type { OutletBounds } from '../queue/outlet.js';
import type { DailyFileOptions } from '../sinks/file/daily-file.sink.js';
import type { RedactOptions } from '../redaction/redact-options.js';
import type { LogSink } from '../sinks/log-sink.interface.js';
import type { SessionTelemetry } from '../telemetry/session-telemetry.interface.js';
import type { SessionStore, SessionStoreLimits } from '../store/session-store.interface.js';

/** Options that may be left out or, as a setting that is not there gives it, undefined: both are the default. */
export type Optional<T> = { [Key in keyof T]?: T[Key] | undefined };

/** The endpoints at `/<path>`. */
export interface SessionHttpOptions {
  /** Path of the endpoint. Default `logs`. In `forRootAsync` it stands beside `useFactory`. */
  path?: string | undefined;
  /**
   * Guards before the endpoint: classes, resolved through the module's `imports`, or instances. Default
   * none. In `forRootAsync` they stand beside `useFactory`.
   */
  guards?: readonly (Type<CanActivate> | CanActivate)[] | undefined;
  /**
   * Decides who may read which session; `'none'` says that everybody may. Default: everybody may, but with
   * `NODE_ENV=production` and no guards nobody.
   */
  authorize?: Authorize | 'none' | undefined;
  /** Milliseconds of silence after which a comment is sent. Default 15,000; false sends none. */
  heartbeat?: number | false | undefined;
  /** Milliseconds that a client waits before it comes back. Default 2,000. */
  retry?: number | undefined;
  /**
   * Milliseconds after which a client that takes nothing of what is sent is cut off; it resumes when it
   * comes back. Default 30,000; false waits for ever.
   */
  writeTimeout?: number | false | undefined;
  /**
   * Whether `POST /<path>/:sessionId/cancel` cancels a session, as a user's stop button does; `authorize` is
   * asked with the action `cancel`. Default and off: false.
   */
  cancel?: boolean | undefined;
  /**
   * Whether `GET /<path>` lists sessions; `authorize` is asked with the action `list` and an empty session id, and may
   * answer a filter. Default and off: false, but true with a viewer.
   */
  list?: boolean | undefined;
  /**
   * Whether `GET /<path>/:sessionId/history` gives a session's past, what only the daily files still hold included;
   * `authorize` is asked with the action `history`. Default and off: false, but true with a viewer.
   */
  history?: boolean | undefined;
  /** Whether `POST /<path>/:sessionId` logs entries; `authorize` is asked with the action `write`. Default and off: false. */
  write?: boolean | undefined;
  /** Bytes that the body of one such request may have. Default 1 MiB. */
  writeBytes?: number | undefined;
  /**
   * Whether `DELETE /<path>/:sessionId` deletes a session; `authorize` is asked with the action `delete`. Default and
   * off: false.
   */
  delete?: boolean | undefined;
  /**
   * How the endpoints stand in an OpenAPI document, which `@nestjs/swagger` makes where the application has it. Default:
   * under the tag `session logs`, without a security requirement; false leaves them out of it.
   */
  openapi?: SessionOpenApiOptions | false | undefined;
}

/** How the endpoints stand in an OpenAPI document. */
export interface SessionOpenApiOptions {
  /** The tag that they stand under. Default `session logs`; of a logger with a name, `session logs (name)`. */
  tag?: string | undefined;
  /**
   * Names of security schemes of the document, such as `bearer` for `addBearerAuth()`: a request needs one of them.
   * Default none.
   */
  security?: readonly string[] | undefined;
}

/** Bounds. Bytes are estimates of memory: two for each UTF-16 unit and 256 an entry. */
export interface SessionLoggerLimits extends CentralQueueBounds, SessionStoreLimits, OutletBounds {
  /** Bytes of UTF-8 that a message may have; a longer one is cut and marked `truncated`. */
  messageBytes: number;
  /** Milliseconds that `flush()` and the shutdown give to each sink. */
  flushTimeout: number;
}

/** What `forRoot` takes and a `forRootAsync` factory returns. Everything has a default. */
export interface SessionLoggerOptions {
  /**
   * Tells one of several loggers of an application from the others: 1 to 64 letters, digits, `-` and `_`. It is
   * injected by `@InjectSessionLogger(name)` and needs a path, a directory and a store of its own. Default: none. In
   * `forRootAsync` it stands beside `useFactory`.
   */
  name?: string | undefined;
  /** Whether the module's exports are visible everywhere. Default true. */
  isGlobal?: boolean | undefined;
  /** Whether entries are distributed in the background from start to shutdown. Default true. */
  autoStart?: boolean | undefined;
  /** The daily file; false writes none. */
  files?: Optional<DailyFileOptions> | false | undefined;
  /**
   * Whether entries are also printed to stdout. A handler takes stdout's place: it is called with each piece
   * that would be printed (text of a chat entry, tag of its session, log line) and with each token, as
   * {@link defaultStreamHandler} is. Default false.
   */
  terminal?: boolean | { handler: (message: string) => unknown } | undefined;
  /** Tokens that replace the default ones. */
  tokens?: Optional<SessionTokens> | undefined;
  /**
   * Bounds of all that is kept or waits. Default: `messageBytes` 1 MiB; `queueEntries` 65,536, `queueBytes` 64 MiB,
   * `overflow` `'wait'`, `waiting` 10,000 calls, `waitingBytes` 64 MiB; `sessionEntries` 10,000, `sessionBytes` 16 MiB,
   * `sessionIdle` 24 h, `sessionEnded` 1 h; `sessions` 10,000, `totalBytes` 256 MiB; `readers` 50,000,
   * `readersPerSession` 10,000; `sinkEntries` 65,536, `sinkBytes` 64 MiB; `flushTimeout` 5,000 ms. The two
   * ages can be switched off with false, the others cannot.
   */
  limits?: Optional<SessionLoggerLimits> | undefined;
  /** Which session logging belongs to where it is told no id, and what its readers are given of Nest's logger. */
  context?: SessionContextOptions | undefined;
  /** Secrets that are masked before anything is queued. Default and off: none. */
  redact?: RedactOptions | undefined;
  /**
   * Who is told how the logger does: `openTelemetry()` of `nestjs-session-logger/opentelemetry`, or your own. Default and
   * off: none.
   */
  telemetry?: SessionTelemetry | undefined;
  /** Where session logs live. Default: this process's memory; `redisStore()` shares them with other processes. */
  store?: SessionStore | undefined;
  /** Where entries are written besides the daily file and the terminal. Default none. */
  sinks?: readonly LogSink[] | undefined;
  /**
   * What happens where the daily file cannot be set up at start: `throw`, the application does not start;
   * `degrade`, it starts without the file and warns. Default `throw`.
   */
  onSinkFailure?: 'throw' | 'degrade' | undefined;
  /**
   * What happens where the store cannot be reached at start: `throw`, the application does not start;
   * `buffer`, it starts, entries wait within `sinkEntries`, and it catches up. Default `throw`.
   */
  onStoreFailure?: 'throw' | 'buffer' | undefined;
  /** The endpoint; false serves none. In `forRootAsync` false stands beside `useFactory`. */
  http?: SessionHttpOptions | false | undefined;
  /**
   * Whether there is a page to look at sessions, live, at `/session-logs` (of a logger with a name at
   * `/session-logs-<name>`), or where `path` says. Whoever may list sessions may have it. It switches `http.list` and
   * `http.history` on, unless they are false. Default and off: false. In `forRootAsync` it stands beside `useFactory`.
   */
  viewer?: boolean | SessionViewerOptions | undefined;
}

/** The page to look at sessions. */
export interface SessionViewerOptions {
  /** Path of the page. Default `session-logs`; of a logger with a name, `session-logs-<name>`. */
  path?: string | undefined;
}
