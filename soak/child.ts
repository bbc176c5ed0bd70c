import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What a child can be asked: each takes one argument or none, and both it and the answer can be JSON. */
export type Calls = Record<string, (argument: never) => unknown>;

interface Question {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** A process of its own that is asked. */
export class Child<C extends Calls> {
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private readonly process: ChildProcess;
  private readonly exited: Promise<unknown>;
  private lastId = 0;

  /** @param script such as `./server.js` */
  constructor(private readonly script: string) {
    this.process = fork(fileURLToPath(new URL(script, import.meta.url)), { execArgv: ['--expose-gc'] });
    this.exited = once(this.process, 'exit');
    this.process.on('message', (message: Answer) => this.waiting.get(message.id)?.(message));
    this.process.on('exit', () => {
      for (const [id, tell] of this.waiting) tell({ id, error: this.hasEnded() });
    });
  }

  /** Rejects with what was thrown there, and when the process ends. */
  ask<N extends keyof C & string>(
    name: N,
    ...[argument]: Parameters<C[N]>
  ): Promise<Awaited<ReturnType<C[N]>>> {
    const question: Question = { id: ++this.lastId, name, argument };
    return new Promise((resolve, reject) => {
      if (!this.process.connected) return reject(new Error(this.hasEnded()));
      this.waiting.set(question.id, ({ id, value, error }) => {
        this.waiting.delete(id);
        if (error === undefined) resolve(value as Awaited<ReturnType<C[N]>>);
        else reject(new Error(error));
      });
      this.process.send(question);
    });
  }

  /** Ends it and resolves when it has gone. */
  async end(): Promise<void> {
    if (this.process.connected) this.process.disconnect();
    await this.exited;
  }

  private hasEnded(): string {
    return `The process ${this.script} has ended: ${this.process.signalCode ?? this.process.exitCode}`;
  }
}

/** In a child: answers what the parent asks, and ends with it. */
export function answer(calls: Calls): void {
  process.once('disconnect', () => process.exit());
  process.on('message', ({ id, name, argument }: Question) => {
    const work = async (): Promise<unknown> => calls[name]!(argument as never);
    work().then(
      (value) => reply({ id, value }),
      (error: unknown) => reply({ id, error: error instanceof Error ? error.stack : String(error) }),
    );
  });
}

function reply(message: Answer): void {
  if (process.connected) process.send!(message);
}
