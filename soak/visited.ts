import { setTimeout as delay } from 'node:timers/promises';
import { Child } from './child.js';
import { mib } from './numbers.js';
import { BrokenRule, rule, say, within } from './rules.js';
import type { ServerCalls } from './server.js';
import type { Seen, VisitorCalls } from './visitors.js';

const SESSIONS = 1_000;
const LOAD = { sessions: SESSIONS, rate: 20_000, size: 100 };
/** Ten seconds' worth: soon full, and enough for who waits long to be let in by a busy machine. */
const RETAINED = 200;
const MOST_GROWTH = 1.1;
/** A rate below this part of the wanted one is remarked on. */
const REACHED = 0.95;

/** Many sessions with readers that come and go. */
export class VisitedSessions {
  private readonly server = new Child<ServerCalls>('./server.js');
  private readonly visitors = new Child<VisitorCalls>('./visitors.js');

  /** @param seconds between the two looks at the heap */
  constructor(private readonly seconds: number) {}

  async run(): Promise<void> {
    say(`${LOAD.rate} entries a second over ${SESSIONS} sessions, with readers that come and go`);
    try {
      const port = await this.server.ask('start', { limits: { sessionEntries: RETAINED } });
      await this.server.ask('log', LOAD);
      await this.visitors.ask('come', { port, sessions: SESSIONS });
      await within(60, 'all sessions have to retain as much as they may', async () => {
        return (await this.server.ask('retained')) >= SESSIONS * RETAINED;
      });
      await this.expectFlatHeap();
      await this.expectNothingMissing();
    } finally {
      await Promise.all([this.server.end(), this.visitors.end()]);
    }
  }

  private async expectFlatHeap(): Promise<void> {
    const early = await this.server.ask('memory');
    const [before, begun] = [await this.server.ask('logged'), performance.now()];
    await delay(this.seconds * 1_000);
    const rate = ((await this.server.ask('logged')) - before) / ((performance.now() - begun) / 1_000);
    const late = await this.server.ask('memory');
    const reached = `${Math.round(rate)} entries a second were logged`;
    say(
      `  ${rate < LOAD.rate * REACHED ? 'this machine, beside its other work, cannot do more: ' : ''}${reached}`,
    );
    rule(
      late.heap <= early.heap * MOST_GROWTH,
      `the server's heap was ${mib(early.heap)}, and ${mib(late.heap)} after ${this.seconds} s; at most ${MOST_GROWTH} times`,
    );
  }

  private async expectNothingMissing(): Promise<void> {
    const logged = await this.server.ask('pause');
    await this.server.ask('endSessions', SESSIONS);
    await within(60, 'each session has to end for its reader', async () => {
      return Object.keys((await this.look()).ends).length === SESSIONS;
    });
    const { ends, visits, entries } = await this.look();
    const wrong = Object.entries(ends).find(([session, end]) => end !== endOf(Number(session), logged));
    rule(
      wrong === undefined,
      wrong === undefined
        ? `in ${visits} visits ${entries} entries were read, none was missing, and each session came to its end`
        : `the reader of s-${wrong[0]} was told its end at ${wrong[1]}, not ${endOf(Number(wrong[0]), logged)}`,
    );
    await within(5, 'no reader and no socket may be left', async () => {
      const { readers, sockets } = await this.server.ask('clients');
      return readers === 0 && sockets === 0;
    });
  }

  private async look(): Promise<Seen> {
    const seen = await this.visitors.ask('seen');
    if (seen.wrong !== undefined) throw new BrokenRule(`Nothing may be missing, but ${seen.wrong}`);
    return seen;
  }
}

/** The offset of a session's end: it follows the session's share of all that was logged, in turn. */
function endOf(session: number, logged: number): number {
  return Math.floor((logged + SESSIONS - 1 - session) / SESSIONS) + 1;
}
