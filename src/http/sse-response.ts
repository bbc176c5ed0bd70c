import type { ServerResponse } from 'node:http';

/** A platform's response: Express' is Node's own, Fastify's reply carries it. */
export type PlatformResponse = ServerResponse | FastifyReplyLike;

/** What is used of Fastify's reply. */
interface FastifyReplyLike {
  readonly raw: ServerResponse;
  hijack(): unknown;
  getHeaders(): Record<string, number | string | string[] | undefined>;
}

const HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
};

/** Takes a response over from the platform and sends the head of an event stream; headers set earlier are kept. */
export function openEventStream(
  response: PlatformResponse,
  more: Readonly<Record<string, string>> = {},
): ServerResponse {
  const raw = takeOver(response);
  for (const [name, value] of Object.entries({ ...HEADERS, ...more })) raw.setHeader(name, value);
  raw.writeHead(200);
  raw.flushHeaders();
  return raw;
}

/** Whether nothing can be streamed: the client has gone, or asked for the head alone. */
export function isOver(response: PlatformResponse): boolean {
  const raw = 'raw' in response ? response.raw : response;
  return raw.destroyed || raw.req.method === 'HEAD';
}

/** Answers 204, after which an EventSource does not come back. */
export function sendNoContent(response: PlatformResponse): void {
  takeOver(response).writeHead(204).end();
}

function takeOver(response: PlatformResponse): ServerResponse {
  if (!('raw' in response)) return response;
  response.hijack();
  for (const [name, value] of Object.entries(response.getHeaders())) {
    if (value !== undefined) response.raw.setHeader(name, value);
  }
  return response.raw;
}
