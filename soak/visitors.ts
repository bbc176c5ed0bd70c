/** A child: one reader a session. It leaves and comes back all the time, and checks that no entry is missing. */
import { setTimeout as delay } from 'node:timers/promises';
import { answer } from './child.js';
import { EventReader } from './event-reader.js';

/** Milliseconds that a reader stays. */
const SHORTEST_STAY = 2_000;
const LONGEST_STAY = 6_000;

interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/** What all visitors have seen. */
export interface Seen {
  visits: number;
  entries: number;
  /** The first thing that was wrong with what a reader got. */
  wrong: string | undefined;
  /** Offsets of the ends of sessions, by the number of the session. */
  readonly ends: Record<number, number>;
}

const seen: Seen = { visits: 0, entries: 0, wrong: undefined, ends: {} };

class Visitor {
  private reader: EventReader | undefined;
  private stay: NodeJS.Timeout | undefined;
  /** Undefined for somebody new, who begins with the oldest retained entry. */
  private at: Position | undefined;

  constructor(
    private readonly origin: string,
    private readonly session: number,
  ) {}

  come(): void {
    seen.visits++;
    const id = this.at && `${this.at.epoch}-${this.at.offset}`;
    const onLoss = (how: string): void => this.complain(`lost its stream: ${how}`);
    this.reader = new EventReader(
      `${this.origin}/logs/s-${this.session}`,
      id,
      onLoss,
      ({ event = 'entry', id, data }) => {
        this.check(event, positionOf(id!), data);
        if (event === 'position') this.settle();
        if (event === 'end') this.leave();
      },
    );
  }

  private settle(): void {
    const duration = SHORTEST_STAY + Math.random() * (LONGEST_STAY - SHORTEST_STAY);
    this.stay = setTimeout(() => this.comeAgain(), duration);
  }

  /** As who it was, or as somebody new. */
  private comeAgain(): void {
    this.reader?.hangUp();
    if (Math.random() < 0.5) this.at = undefined;
    this.come();
  }

  /** The session has ended. */
  private leave(): void {
    clearTimeout(this.stay);
    this.reader?.hangUp();
    seen.ends[this.session] = this.at!.offset;
  }

  private check(event: string, position: Position, data: string): void {
    const { epoch, offset } = this.at ?? position;
    const expected = event === 'position' ? offset : offset + 1;
    if (event === 'gap') this.complain(`was told a gap: ${data}`);
    else if (position.epoch !== epoch || position.offset !== expected) {
      this.complain(`got ${event} ${position.epoch}-${position.offset}, not ${epoch}-${expected}`);
    }
    this.at = position;
    if (event === 'entry') seen.entries++;
  }

  private complain(why: string): void {
    seen.wrong ??= `the reader of s-${this.session} ${why}`;
  }
}

function positionOf(id: string): Position {
  const [epoch, offset] = id.split('-');
  return { epoch: epoch!, offset: Number(offset) };
}

const calls = {
  /** One comes for each session, within two seconds; they leave for good when their sessions end. */
  come: async ({ port, sessions }: { port: number; sessions: number }): Promise<void> => {
    for (let session = 0; session < sessions; session++) {
      new Visitor(`http://127.0.0.1:${port}`, session).come();
      if (session % 10 === 9) await delay(20_000 / sessions);
    }
  },
  seen: (): Seen => seen,
};

export type VisitorCalls = typeof calls;
answer(calls);
