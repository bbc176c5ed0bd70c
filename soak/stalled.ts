import { Child } from './child.js';
import { median, mib } from './numbers.js';
import { BrokenRule, rule, say, within } from './rules.js';
import type { Memory, ServerCalls } from './server.js';
import type { StalledCalls } from './stalled-clients.js';
import { msOfTcpPressure } from './tcp-pressure.js';

const LOAD = { sessions: 1, rate: 1_000, size: 2_000 };
const OPTIONS = {
  // Rolls over all the time, so that each client is sent another piece; and is more than a socket's buffers take.
  limits: { sessionEntries: 3_000 },
  http: { writeTimeout: 60_000 },
};
const MIB = 1024 * 1024;
/** What the heap may grow by: Node's pools for connections, and noise. */
const HEAP_SLACK = 4 * MIB;
const MOST_SLOWDOWN = 2;
/** Milliseconds of p99 latency alone beyond which the machine is too busy for a comparison to show anything. */
const MOST_ALONE = 20;
/** Seconds until the session is full. */
const FILLING = 4;
/** Rounds more that other work may have disturbed; a server that is slow by itself disturbs all of them. */
const MORE_ROUNDS = 3;

/** How long {@link StalledClients} runs. */
export interface StalledPlan {
  /** Clients that never read. The buffers that the kernel gives them take 2 to 3 MB each. */
  readonly clients: number;
  readonly rounds: number;
  /** Seconds for which latency is measured with the stalled clients; alone it is half before, half after. */
  readonly measure: number;
  /** Whether the server is to cut them off at last, which takes a minute. */
  readonly untilCutOff: boolean;
}

/** Clients that never read, beside one that does. */
export class StalledClients {
  private readonly server = new Child<ServerCalls>('./server.js');
  private readonly clients = new Child<StalledCalls>('./stalled-clients.js');
  private readonly slowdowns: number[] = [];
  private port = 0;

  constructor(private readonly plan: StalledPlan) {}

  async run(): Promise<void> {
    say(`${this.plan.clients} clients that never read, and one that does`);
    try {
      await this.begin();
      const before = await this.server.ask('memory');
      const { rounds } = this.plan;
      for (let round = 0; round < rounds + MORE_ROUNDS && this.isUndecided(); round++) {
        await this.round(before);
      }
      this.expectSpared();
      if (this.plan.untilCutOff) await this.cutOff();
      await this.clients.ask('hangUp');
      await this.expectLeft(0, 5);
    } finally {
      await Promise.all([this.server.end(), this.clients.end()]);
    }
  }

  private async begin(): Promise<void> {
    this.port = await this.server.ask('start', OPTIONS);
    await this.server.ask('log', LOAD);
    await this.clients.ask('read', this.port);
    await this.clients.ask('measure', FILLING);
  }

  private isUndecided(): boolean {
    return this.slowdowns.length < this.plan.rounds || median(this.slowdowns) > MOST_SLOWDOWN;
  }

  private expectSpared(): void {
    const { length } = this.slowdowns;
    const slowdown = median(this.slowdowns);
    if (length === 0)
      throw new BrokenRule(
        'this machine is too busy, or its kernel too short of memory for TCP, to see a slowdown: end what else runs',
      );
    rule(
      slowdown <= MOST_SLOWDOWN,
      `the one that reads has ${slowdown.toFixed(2)} times the p99 latency beside them (median of ${length} rounds); at most ${MOST_SLOWDOWN} times`,
    );
  }

  /** @param before the server's memory before any of them came */
  private async round(before: Memory): Promise<void> {
    const { measure } = this.plan;
    const pressure = msOfTcpPressure();
    const alone = await this.clients.ask('measure', measure / 2);
    await this.stall();
    const beside = await this.clients.ask('measure', measure);
    await this.expectCheap(before.rss);
    await this.clients.ask('leave');
    await this.expectLeft(1, 5);
    const { heap } = await this.server.ask('memory');
    rule(
      heap <= before.heap + HEAP_SLACK,
      `when they have gone the server's heap is ${mib(heap)}, and was ${mib(before.heap)} before the first came`,
    );
    alone.push(...(await this.clients.ask('measure', measure / 2)));
    const [quiet, busy] = [median(alone), median(beside)];
    const why = this.whyNotTelling(quiet, msOfTcpPressure() - pressure);
    if (why === undefined) this.slowdowns.push(busy / quiet);
    say(
      `  p99 latency: ${quiet.toFixed(2)} ms alone, ${busy.toFixed(2)} ms beside them (median of the seconds)` +
        (why === undefined ? '' : `; ${why}, so this does not count`),
    );
  }

  private whyNotTelling(quiet: number, pressure: number): string | undefined {
    if (quiet > MOST_ALONE) return 'the machine is too busy';
    return pressure > 0 ? `the kernel was short of memory for TCP for ${pressure} ms` : undefined;
  }

  private async stall(): Promise<void> {
    const { clients } = this.plan;
    await this.clients.ask('stall', { port: this.port, count: clients });
    await within(60, `all ${clients} clients have to be stalled`, async () => {
      return (await this.server.ask('clients')).stalled === clients;
    });
  }

  /** RSS has no part of the kernel's socket buffers. */
  private async expectCheap(rssBefore: number): Promise<void> {
    const { queued } = await this.server.ask('clients');
    const { rss } = await this.server.ask('memory');
    const each = (rss - rssBefore) / this.plan.clients;
    rule(
      each <= MIB && queued <= MIB,
      `a stalled client costs ${mib(each)} of the server's RSS, and ${mib(queued)} at most wait for its socket; at most 1 MiB`,
    );
  }

  private async cutOff(): Promise<void> {
    await this.stall();
    const seconds = (OPTIONS.http.writeTimeout / 1_000) * 1.2 + 10;
    await this.expectLeft(1, seconds);
    await this.clients.ask('leave');
    say(`  kept: a client that takes nothing for ${OPTIONS.http.writeTimeout / 1_000} s is cut off`);
  }

  private async expectLeft(readers: number, seconds: number): Promise<void> {
    await within(seconds, `${readers} readers and as many sockets have to be left`, async () => {
      const clients = await this.server.ask('clients');
      return clients.readers === readers && clients.sockets === readers;
    });
  }
}
