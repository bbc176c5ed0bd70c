declare module 'event-source-polyfill' {
  import type { ReceivedEvent } from './cut-off.js';

  export class EventSourcePolyfill {
    constructor(url: string);
    addEventListener(type: string, listener: (event: ReceivedEvent) => void): void;
    close(): void;
  }
}
