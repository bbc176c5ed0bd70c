import { setTimeout as delay } from 'node:timers/promises';
import type { ChainableCommander, Redis } from 'ioredis';
import { messageOf, SessionLoggerError } from '../session-logger.errors.js';
import { isCluster, type RedisClient, type RedisConnections } from './redis-connections.js';
import type { Script } from './scripts.js';

/** One run of a script. */
export interface ScriptCall {
  readonly script: Script;
  readonly keys: readonly string[];
  readonly args: readonly (string | number)[];
}

/** A call that waits for the end of the turn. */
interface GatheredCall {
  readonly call: ScriptCall;
  readonly resolve: (result: PromiseSettledResult<unknown>) => void;
  readonly reject: (error: unknown) => void;
}

/** Whom the link tells. */
export interface LinkListener {
  /** Messages come from now on, on the channels that were subscribed to before, too. */
  connected(): Promise<void>;
  message(channel: string, text: string): void;
}

/** How long it waits before it tries again what Redis refused, in milliseconds. */
const RETRY_MS = 500;
/** Calls written at once: Redis begins while the next are being written. */
const PIPELINED = 16;
/** So few that other clients of the server need not wait: about a tenth of a millisecond. */
const SESSIONS_PER_CALL = 50;

/** What a process says to Redis and hears from it. */
export class RedisLink {
  /** Why Redis cannot be reached at present. */
  failure: unknown;
  private readonly channels: Set<string>;
  private readonly closing = new AbortController();
  private readonly gathered: GatheredCall[] = [];

  /** @param channels subscribed to from the first connection on */
  constructor(
    private readonly connections: RedisConnections,
    channels: readonly string[],
    private readonly listener: LinkListener,
  ) {
    this.channels = new Set(channels);
    for (const client of [connections.commands, connections.messages]) this.watch(client);
    connections.messages.on('ready', () => void this.resubscribe());
    for (const event of ['message', 'smessage']) {
      connections.messages.on(event, (channel: string, text: string) => listener.message(channel, text));
    }
  }

  /** What scripts publish with: in a Cluster a message goes to those alone who ask its node for it. */
  get publishCommand(): 'PUBLISH' | 'SPUBLISH' {
    return isCluster(this.connections.commands) ? 'SPUBLISH' : 'PUBLISH';
  }

  /** How many sessions one call may name: keys of one call lie in one slot of a Cluster. */
  get sessionsPerCall(): number {
    return isCluster(this.connections.commands) ? 1 : SESSIONS_PER_CALL;
  }

  get closed(): boolean {
    return this.closing.signal.aborted;
  }

  /**
   * Connects.
   *
   * @param timeout milliseconds
   * @throws SessionLoggerError `STORE_UNAVAILABLE`; it goes on trying
   */
  async connect(timeout: number): Promise<void> {
    const { commands, messages } = this.connections;
    const expired = AbortSignal.timeout(timeout);
    // Its rejection is that of the first try only.
    for (const client of [commands, messages]) client.connect().catch(() => {});
    try {
      await Promise.all([this.ready(commands, expired), this.ready(messages, expired)]);
    } catch {
      throw new SessionLoggerError(
        'STORE_UNAVAILABLE',
        `Redis cannot be reached within ${timeout} ms: ${messageOf(this.failure ?? 'no answer')}. ` +
          "See that it runs and that url or client is right; with onStoreFailure: 'buffer' the application starts without it.",
        { cause: this.failure },
      );
    }
  }

  /** Runs a script as soon as there is a connection, until Redis answers; rejects with what it answers for good. */
  async run(call: ScriptCall): Promise<unknown> {
    for (;;) {
      const result = await this.tryWithOthers(call);
      if (result.status === 'fulfilled') return result.value;
      if (!isPassing(result.reason)) throw result.reason;
      await this.pause();
    }
  }

  /**
   * Runs a script where there is a connection.
   *
   * @throws SessionLoggerError `STORE_UNAVAILABLE`, or what Redis answers for good
   */
  async runOnce(call: ScriptCall): Promise<unknown> {
    const [result] = await this.send([call], true);
    if (result!.status === 'fulfilled') return result!.value;
    throw isPassing(result!.reason) ? unavailable(result!.reason) : result!.reason;
  }

  /** Runs scripts in one go, in order, as soon as there is a connection. What failed may have happened all the same. */
  async tryAll(calls: readonly ScriptCall[]): Promise<PromiseSettledResult<unknown>[]> {
    await this.ready(this.connections.commands, this.closing.signal);
    const results = await this.send(calls, false);
    const unknown = calls.filter((_, at) => isUnknownScript(results[at]!));
    if (unknown.length > 0) {
      const again = await this.send(unknown, true);
      calls.forEach((call, at) => {
        const place = unknown.indexOf(call);
        if (place >= 0) results[at] = again[place]!;
      });
    }
    return results;
  }

  /** Whatever is asked for in one turn goes in one pipeline. */
  private tryWithOthers(call: ScriptCall): Promise<PromiseSettledResult<unknown>> {
    if (this.gathered.length === 0) queueMicrotask(this.tryGathered);
    return new Promise((resolve, reject) => this.gathered.push({ call, resolve, reject }));
  }

  private readonly tryGathered = (): void => {
    const gathered = this.gathered.splice(0);
    this.tryAll(gathered.map(({ call }) => call)).then(
      (results) => gathered.forEach(({ resolve }, at) => resolve(results[at]!)),
      (error: unknown) => gathered.forEach(({ reject }) => reject(error)),
    );
  };

  /** Waits a while after what Redis refused, or for the connection that was lost. */
  async pause(): Promise<void> {
    if (this.connections.commands.status === 'ready') await delay(RETRY_MS, undefined, this.patience);
    await this.ready(this.connections.commands, this.closing.signal);
  }

  /** From now on messages of the channel come in, once this resolves or the connection is back. */
  async subscribe(channel: string): Promise<void> {
    this.channels.add(channel);
    const { messages } = this.connections;
    if (messages.status !== 'ready') await this.ready(messages, this.closing.signal);
    else await this.subscribeTo([channel]).catch(() => this.ready(messages, this.closing.signal));
  }

  unsubscribe(channel: string): void {
    this.channels.delete(channel);
    const { messages } = this.connections;
    const left = isCluster(messages) ? messages.sunsubscribe(channel) : messages.unsubscribe(channel);
    // Where the connection is gone, so is the subscription.
    left.catch(() => {});
  }

  /** Has a dead connection noticed: an answer that does not come breaks it. */
  probe(): void {
    this.connections.messages.ping().catch(() => {});
  }

  /**
   * One page of a scan over the keys of one node.
   *
   * @throws SessionLoggerError `STORE_UNAVAILABLE`
   */
  async scan(node: number, cursor: string, pattern: string, count: number): Promise<[string, string[]]> {
    const client = this.nodes()[node];
    if (client === undefined) return ['0', []];
    try {
      return await client.scan(cursor, 'MATCH', pattern, 'COUNT', count);
    } catch (error) {
      throw unavailable(error);
    }
  }

  /** The servers that hold keys. */
  nodes(): RedisClient[] {
    const { commands } = this.connections;
    return isCluster(commands) ? commands.nodes('master') : [commands];
  }

  /** Entries of a stream behind `id`. */
  streamAfter(key: string, id: string): Promise<[string, string[]][]> {
    return this.ask((commands) => commands.xrange(key, `(${id}`, '+'));
  }

  /** The server's clock, in milliseconds since 1970. */
  async time(): Promise<number> {
    const [seconds, micros] = await this.ask((commands) => commands.time());
    return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
  }

  /** Asks until Redis answers. */
  private async ask<T>(question: (commands: RedisClient) => Promise<T>): Promise<T> {
    for (;;) {
      await this.ready(this.connections.commands, this.closing.signal);
      try {
        return await question(this.connections.commands);
      } catch (error) {
        if (!isPassing(error)) throw error;
        await this.pause();
      }
    }
  }

  close(): void {
    this.closing.abort(new SessionLoggerError('CLOSED', 'The Redis store is closed.'));
    for (const client of [this.connections.commands, this.connections.messages]) client.disconnect();
  }

  private get patience(): { signal: AbortSignal; ref: false } {
    return { signal: this.closing.signal, ref: false };
  }

  /** In a Cluster each node publishes what it holds, and a call may name one slot only. */
  private async subscribeTo(channels: readonly string[]): Promise<void> {
    const { messages } = this.connections;
    if (!isCluster(messages)) await messages.subscribe(...channels);
    else await Promise.all(channels.map((channel) => messages.ssubscribe(channel)));
  }

  private watch(client: RedisClient): void {
    client.on('error', (error: unknown) => (this.failure = error));
    client.on('close', () => (this.failure ??= new Error('the connection to Redis was lost')));
    client.on('ready', () => {
      const { commands, messages } = this.connections;
      if (commands.status === 'ready' && messages.status === 'ready') this.failure = undefined;
    });
  }

  /** Resolves once the client is connected, however often it fails until then. */
  private async ready(client: RedisClient, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.closing.signal.throwIfAborted();
    if (client.status === 'ready') return;
    const either = AbortSignal.any([signal, this.closing.signal]);
    await new Promise<void>((resolve, reject) => {
      const onReady = (): void => {
        either.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = (): void => {
        client.off('ready', onReady);
        reject(either.reason as Error);
      };
      client.once('ready', onReady);
      either.addEventListener('abort', onAbort, { once: true });
    });
  }

  private async resubscribe(): Promise<void> {
    try {
      const channels = [...this.channels];
      await this.subscribeTo(channels);
      await this.listener.connected();
    } catch (error) {
      // The connection went away meanwhile; the next one comes here again.
      if (!this.closed) this.failure = error;
    }
  }

  /** @param inFull with the scripts' sources, as the server does not know them */
  private async send(
    calls: readonly ScriptCall[],
    inFull: boolean,
  ): Promise<PromiseSettledResult<unknown>[]> {
    const { commands } = this.connections;
    if (isCluster(commands)) return Promise.allSettled(calls.map((call) => enqueue(commands, call, inFull)));
    const pipelines = [];
    for (let at = 0; at < calls.length; at += PIPELINED) {
      pipelines.push(sendPipeline(commands, calls.slice(at, at + PIPELINED), inFull));
    }
    return (await Promise.all(pipelines)).flat();
  }
}

async function sendPipeline(
  commands: Redis,
  calls: readonly ScriptCall[],
  inFull: boolean,
): Promise<PromiseSettledResult<unknown>[]> {
  const pipeline = commands.pipeline();
  for (const call of calls) enqueue(pipeline, call, inFull);
  try {
    const results = (await pipeline.exec())!;
    return results.map(([reason, value]) =>
      reason === null ? { status: 'fulfilled', value } : { status: 'rejected', reason },
    );
  } catch (reason) {
    return calls.map(() => ({ status: 'rejected', reason }));
  }
}

/** The error for what could not be asked of Redis. */
function unavailable(cause: unknown): SessionLoggerError {
  return new SessionLoggerError(
    'STORE_UNAVAILABLE',
    `Redis cannot be asked at present: ${messageOf(cause)}. Try again later; see that it runs.`,
    { cause },
  );
}

function enqueue<T extends RedisClient | ChainableCommander>(
  client: T,
  { script, keys, args }: ScriptCall,
  inFull: boolean,
): ReturnType<T['eval']> {
  const rest = [keys.length, ...keys, ...args] as const;
  return (inFull ? client.eval(script.lua, ...rest) : client.evalsha(script.sha, ...rest)) as ReturnType<
    T['eval']
  >;
}

function isUnknownScript(result: PromiseSettledResult<unknown>): boolean {
  return result.status === 'rejected' && messageOf(result.reason).startsWith('NOSCRIPT');
}

/** What a server says that is full, starting, read-only, busy or about to be replaced. */
const PASSING = /OOM|READONLY|LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|NOREPLICAS|MISCONF|TRYAGAIN/;

/** Whether trying again may help; what does not pass is said of a session's own keys. */
export function isPassing(error: unknown): boolean {
  const text = messageOf(error);
  return PASSING.test(text) || !/^(WRONGTYPE|BROKEN)|user_script/.test(text);
}
