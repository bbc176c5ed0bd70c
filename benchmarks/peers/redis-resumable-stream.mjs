import { Redis } from 'ioredis';
import { createResumableStreamContext } from 'resumable-stream/ioredis';
import { entryMaker, frame } from './entries.mjs';
import { listen, sessionIdOf } from './http.mjs';

/**
 * A stream a session, of frames that are ready for the wire. Nobody reads the streams in this process.
 *
 * @type {import('./peer.d.mts').ReplicaPeer['startWriter']}
 */
export async function startWriter(url, sessionIds) {
  const context = openContext(url);
  const makeEntry = entryMaker();
  /** @type {Map<string, ReadableStreamDefaultController<string>>} */
  const sources = new Map();
  for (const id of sessionIds) {
    const source = new ReadableStream({ start: (controller) => void sources.set(id, controller) });
    await context.createNewResumableStream(id, () => source);
  }
  return {
    publish: (turn) => {
      for (const { sessionId, message } of turn) {
        sources.get(sessionId)?.enqueue(frame(makeEntry(sessionId, message)));
      }
    },
  };
}

/**
 * One listener a client, on bare `node:http`.
 *
 * @type {import('./peer.d.mts').ReplicaPeer['startReader']}
 */
export async function startReader(url) {
  const context = openContext(url);
  let clients = 0;
  const follow = async (/** @type {import('node:http').RequestListener} */ ...[request, response]) => {
    const stream = await context.resumeExistingStream(sessionIdOf(request));
    if (stream == null) throw new Error(`there is no stream ${request.url}`);
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
    response.flushHeaders();
    clients++;
    const reader = stream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (value !== '') response.write(value);
    }
    response.end();
  };
  const port = await listen((request, response) => void follow(request, response));
  return { port, clients: () => clients };
}

/** The faster of the two ways to use ioredis: commands of one turn of the event loop go out together. */
function openContext(url) {
  return createResumableStreamContext({
    waitUntil: () => {},
    publisher: new Redis(url, { enableAutoPipelining: true }),
    subscriber: new Redis(url),
  });
}
