import { get, type ClientRequest } from 'node:http';
import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** A raw reader of one stream. It hangs up when it is told to, and never comes back by itself. */
export class EventReader {
  private readonly request: ClientRequest;
  private isOver = false;

  /** @param onLoss called when the stream is over and nobody has hung up */
  constructor(
    url: string,
    lastEventId: string | undefined,
    private readonly onLoss: (how: string) => void,
    onEvent: (event: EventSourceMessage) => void,
  ) {
    const parser = createParser({
      onEvent: (event) => {
        if (!this.isOver) onEvent(event);
      },
    });
    const headers = lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId };
    this.request = get(url, { agent: false, headers }, (response) => {
      if (response.statusCode !== 200) this.lose(`the answer was ${response.statusCode}`);
      response.setEncoding('utf8');
      response.on('data', (text: string) => parser.feed(text));
      response.on('error', ({ message }) => this.lose(message));
      response.on('close', () => this.lose('it was closed'));
    });
    this.request.on('error', ({ message }) => this.lose(message));
  }

  hangUp(): void {
    this.isOver = true;
    this.request.destroy();
  }

  private lose(how: string): void {
    if (!this.isOver) this.onLoss(how);
    this.isOver = true;
  }
}
