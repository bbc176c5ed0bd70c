import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SessionLoggerOptions, SessionLoggerStats } from 'nestjs-session-logger';
import { onCleanUp } from '../support/clean-up.js';

/** What a child is to do; see `child.mjs`. */
export interface Job {
  readonly task: string;
  readonly options?: SessionLoggerOptions;
  readonly [key: string]: unknown;
}

/** What a child of the task `log` tells. */
export interface Told {
  readonly logged: number;
  /** Entries that its own reader has had. */
  readonly read: number;
  /** `written`, or why not. */
  readonly flushed?: string;
  readonly stats: SessionLoggerStats;
  readonly healthy: boolean;
}

/** How a child is started. */
export interface Surroundings {
  /** A command that runs it, such as `setpriv …`. */
  readonly through?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Whether nobody reads what it prints to stdout. */
  readonly isUnread?: boolean;
}

/** An application in a process of its own. {@link cleanUp} ends it. */
export class FaultChild {
  stdout = '';
  stderr = '';
  readonly process: ChildProcess;
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
  private readonly messages: unknown[] = [];
  private wake: () => void = () => {};
  private hasExited = false;

  constructor(job: Job, { through = [], env = {}, isUnread = false }: Surroundings = {}) {
    const script = fileURLToPath(new URL('child.mjs', import.meta.url));
    const [command, ...args] = [...through, process.execPath, script, JSON.stringify(job)] as const;
    this.process = spawn(command, args, {
      env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    if (!isUnread) this.process.stdout!.on('data', (text) => (this.stdout += String(text)));
    this.process.stderr!.on('data', (text) => (this.stderr += String(text)));
    this.process.on('message', (message) => {
      this.messages.push(message);
      this.wake();
    });
    this.exited = once(this.process, 'close').then(([code, signal]) => {
      this.hasExited = true;
      this.wake();
      return { code: code as number | null, signal: signal as string | null };
    });
    onCleanUp(async () => {
      this.process.kill('SIGKILL');
      this.process.stdout!.destroy();
      await this.exited;
    });
  }

  /** The next thing that the child tells. */
  async told<T = Told>(): Promise<T> {
    while (this.messages.length === 0) {
      if (this.hasExited) throw new Error(`The child has ended: ${this.stderr}${this.stdout}`);
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    return this.messages.shift() as T;
  }

  /** Has the child do something and resolves to what it then tells. */
  ask<T = Told>(question: object): Promise<T> {
    this.process.send(question);
    return this.told<T>();
  }
}
