import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SessionLoggerOptions } from 'nestjs-session-logger';
import type { RedisStoreOptions } from 'nestjs-session-logger/redis';
import { AsyncQueue } from '../support/async-queue.js';
import { onCleanUp } from '../support/clean-up.js';

/** What a replica is to do; see `redis-child.mjs`. */
export interface ReplicaJob {
  readonly task: 'start' | 'serve' | 'pop';
  readonly store: RedisStoreOptions;
  readonly options?: Omit<SessionLoggerOptions, 'store'>;
  readonly [key: string]: unknown;
}

/** A replica in a process of its own. {@link cleanUp} ends it. */
export class RedisReplica {
  output = '';
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
  private readonly process: ChildProcess;
  private readonly messages = new AsyncQueue<unknown>();

  constructor(job: ReplicaJob) {
    const script = fileURLToPath(new URL('redis-child.mjs', import.meta.url));
    this.process = spawn(process.execPath, [script, JSON.stringify(job)], {
      env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.process.stdout!, this.process.stderr!]) {
      stream.on('data', (text) => (this.output += String(text)));
    }
    this.process.on('message', (message) => this.messages.push(message));
    this.exited = once(this.process, 'close').then(([code, signal]) => {
      this.messages.close();
      return { code: code as number | null, signal: signal as string | null };
    });
    onCleanUp(() => this.kill());
  }

  /** The next thing that it tells. */
  async told<T>(): Promise<T> {
    const message = await this.messages.next();
    if (message === undefined) throw new Error(`The replica has ended: ${this.output}`);
    return message as T;
  }

  /** Has it do something and resolves to what it then tells. */
  ask<T>(question: object): Promise<T> {
    this.process.send(question);
    return this.told<T>();
  }

  /** Ends it without a word, and resolves once it is gone. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.exited;
  }
}
