import type { ExecutionContext } from '@nestjs/common';
import type { SessionRequest } from './authorize.js';

/** Where a session id is looked for. */
export interface SessionIdCarrier {
  /** What is handled: an HTTP request, a message of a microservice, or one of a WebSocket. */
  readonly type: 'http' | 'rpc' | 'ws';
  /** Of `http`: the platform's request. */
  readonly request?: SessionRequest | undefined;
  /** Of `rpc` and `ws`: the payload. */
  readonly data?: unknown;
  /** Of `ws`: the client, as the platform has it. */
  readonly client?: unknown;
  /** What an interceptor sees; the middleware has none. */
  readonly context?: ExecutionContext | undefined;
}

/**
 * One place of a session id.
 *
 * - `param`: of the route, which the interceptor sees; of a message the property of that name of its payload
 * - `header`, `cookie`: of the request, over socket.io of the handshake
 * - a function, such as `({ request }) => request?.user?.sessionId`
 */
export type SessionIdSource =
  | { readonly param: string }
  | { readonly header: string }
  | { readonly cookie: string }
  | ((carrier: SessionIdCarrier) => string | undefined);

/** How logging knows which session it belongs to, and what of Nest's logger its readers are given. */
export interface SessionContextOptions {
  /**
   * Where the middleware and the interceptor find the session id; of several the first that has one. An id that a
   * client chooses lets it log into any session: check it, or use a function. Default: nowhere, and no middleware.
   */
  from?: SessionIdSource | readonly SessionIdSource[] | undefined;
  /**
   * Whether lines of {@link SessionNestLogger} that are logged within a session are given to its readers, too, as
   * entries of type `log`. Default false.
   */
  capture?: boolean | undefined;
  /** Whether those readers are given the stacks of errors. Default false: they stay in files and terminal. */
  stacks?: boolean | undefined;
}
