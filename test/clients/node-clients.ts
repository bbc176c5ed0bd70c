import { EventSource } from 'eventsource';
import { createEventSource } from 'eventsource-client';
import { EventSource as UndiciEventSource } from 'undici';
import { onCleanUp } from '../support/clean-up.js';
import type { Follow, ReceivedEvent } from './cut-off.js';

/** What the clients that keep to the browsers' interface have in common. */
interface EventSourceLike {
  addEventListener(type: string, listener: (event: ReceivedEvent) => void): void;
  close(): void;
}

/** Follows with a client that has the interface of the browsers' EventSource. */
export function following(open: (url: string) => EventSourceLike): Follow {
  return (origin, path) =>
    new Promise((resolve) => {
      const events: ReceivedEvent[] = [];
      const source = open(origin + path);
      onCleanUp(() => source.close());
      for (const name of ['message', 'gap', 'end']) {
        source.addEventListener(name, ({ type, lastEventId, data }) => {
          events.push({ type, lastEventId, data });
          if (type !== 'end') return;
          source.close();
          resolve(events);
        });
      }
    });
}

export const followWithEventSource = following((url) => new EventSource(url));

export const followWithUndici = following((url) => new UndiciEventSource(url));

export const followWithEventSourceClient: Follow = (origin, path) =>
  new Promise((resolve) => {
    const events: ReceivedEvent[] = [];
    const source = createEventSource({
      url: origin + path,
      onMessage: ({ event: type = 'message', id: lastEventId = '', data }) => {
        if (type !== 'position') events.push({ type, lastEventId, data });
        if (type !== 'end') return;
        source.close();
        resolve(events);
      },
    });
    onCleanUp(() => source.close());
  });

/** Longer than the polyfill ever waits before it comes back: 1 to 16 s, whatever `retry` says. */
const LONG = 20_000;

/** The polyfill, loaded with a clock on which its waiting takes no time. */
export async function loadPolyfill(): Promise<Follow> {
  const { setTimeout } = globalThis;
  const hasty = (work: () => void, ms: number): NodeJS.Timeout => setTimeout(work, ms < LONG ? 0 : ms);
  globalThis.setTimeout = hasty as typeof setTimeout;
  try {
    const { EventSourcePolyfill } = await import('event-source-polyfill');
    return following((url) => new EventSourcePolyfill(url));
  } finally {
    globalThis.setTimeout = setTimeout;
  }
}
