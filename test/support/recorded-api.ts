import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onCleanUp } from './clean-up.js';

/** Answers every request by a recorded stream of events. {@link cleanUp} closes it. Gives its address. */
export async function recordedApi(body: string, status = 200): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': status === 200 ? 'text/event-stream' : 'application/json' });
    response.end(body);
  });
  onCleanUp(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Events as a server sends them: what has a type bears it as its name, too. */
export function eventsBody(events: readonly object[], last = ''): string {
  const frames = events.map((event) => {
    const name = 'type' in event ? `event: ${String(event.type)}\n` : '';
    return `${name}data: ${JSON.stringify(event)}\n\n`;
  });
  return frames.join('') + last;
}
