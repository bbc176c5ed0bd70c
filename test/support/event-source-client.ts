import { EventSource } from 'eventsource';
import { AsyncQueue } from './async-queue.js';
import { onCleanUp } from './clean-up.js';

/** What an EventSource told its listeners. */
export interface SeenEvent {
  type: string;
  /** The text of the event, or undefined for `open` and `error`. */
  data: string | undefined;
  lastEventId: string | undefined;
  /** The status code that an `error` speaks of, if any. */
  code: number | undefined;
}

const TYPES = ['open', 'message', 'position', 'gap', 'end', 'error'] as const;
type SeenType = (typeof TYPES)[number];

/** An EventSource whose events are waited for one by one. */
export class EventSourceClient {
  readonly source: EventSource;
  private readonly seen = new AsyncQueue<SeenEvent>();

  constructor(url: string) {
    this.source = new EventSource(url);
    onCleanUp(() => this.source.close());
    for (const type of TYPES) {
      this.source.addEventListener(type, ({ data, lastEventId, code }: Partial<SeenEvent>) =>
        this.seen.push({ type, data, lastEventId, code }),
      );
    }
  }

  /** The next event of that type, others are passed over. */
  async next(type: SeenType): Promise<SeenEvent> {
    for (;;) {
      const event = await this.seen.next();
      if (event?.type === type) return event;
    }
  }

  /** The events up to the first of that type, which is the last of them. */
  async until(type: SeenType): Promise<SeenEvent[]> {
    const events: SeenEvent[] = [];
    for (;;) {
      const event = await this.seen.next();
      events.push(event!);
      if (event?.type === type) return events;
    }
  }

  /** The messages of the next `count` entries. */
  async messages(count: number): Promise<string[]> {
    const messages: string[] = [];
    while (messages.length < count) {
      const { data } = await this.next('message');
      messages.push((JSON.parse(data!) as { message: string }).message);
    }
    return messages;
  }

  /** Whether it has given up for good. */
  get hasGivenUp(): boolean {
    return this.source.readyState === EventSource.CLOSED;
  }
}
