import { Inject, Injectable, type ExecutionContext } from '@nestjs/common';
import { isSessionId, SESSION_ID_RULE } from '../entry/session-id.js';
import type { SessionRequest } from '../options/authorize.js';
import type { SessionIdCarrier, SessionIdSource } from '../options/context-options.js';
import { RESOLVED_OPTIONS, type ResolvedOptions } from '../options/resolve-options.js';
import { Reporter } from '../session-logger.reporter.js';
import { cookieOf } from './cookie-of.js';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Finds the session that something belongs to, where `context.from` says. */
@Injectable()
export class SessionFinder {
  constructor(
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
    @Inject(Reporter) private readonly reporter: Reporter,
  ) {}

  /** Undefined where there is none, or what is there can be none: a request never fails by its logging. */
  find(carrier: SessionIdCarrier): string | undefined {
    const { from = [] } = this.options.context;
    try {
      const sources: readonly SessionIdSource[] = Array.isArray(from) ? from : [from];
      const id = firstOf(sources.map((source) => () => idFrom(source, carrier)));
      if (id === undefined || isSessionId(id)) return id;
      this.reporter.warn(
        'context',
        `context.from gave an id that is no session's; expected ${SESSION_ID_RULE}`,
      );
    } catch (error) {
      this.reporter.warn('context', 'context.from threw; what follows is logged without a session', error);
    }
    return undefined;
  }
}

/** What an interceptor sees, as a source looks at it. */
export function carrierOf(context: ExecutionContext): SessionIdCarrier {
  const type = context.getType<string>();
  if (type === 'ws') {
    const ws = context.switchToWs();
    return { type, data: ws.getData<unknown>(), client: ws.getClient<unknown>(), context };
  }
  if (type === 'rpc') return { type, data: context.switchToRpc().getData<unknown>(), context };
  return { type: 'http', request: context.switchToHttp().getRequest<SessionRequest>(), context };
}

function firstOf(tries: readonly (() => unknown)[]): unknown {
  for (const attempt of tries) {
    const id = attempt();
    if (id !== undefined && id !== null && id !== '') return id;
  }
  return undefined;
}

function idFrom(source: SessionIdSource, carrier: SessionIdCarrier): unknown {
  if (typeof source === 'function') return source(carrier);
  if ('param' in source) return ownValue(carrier.request?.params ?? carrier.data, source.param);
  const headers = headersOf(carrier);
  if ('header' in source) return headers[source.header.toLowerCase()];
  const parsed = ownValue((carrier.request as { cookies?: unknown } | undefined)?.cookies, source.cookie);
  return parsed ?? cookieOf(headers['cookie'], source.cookie);
}

/** socket.io keeps the headers of the handshake. */
function headersOf({ request, client }: SessionIdCarrier): Headers {
  const { handshake } = Object(client) as { handshake?: { headers?: Headers } };
  return request?.headers ?? handshake?.headers ?? {};
}

function ownValue(holder: unknown, name: string): unknown {
  if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, name)) return undefined;
  return (holder as Record<string, unknown>)[name];
}
