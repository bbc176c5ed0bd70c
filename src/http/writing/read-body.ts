import type { IncomingMessage } from 'node:http';
import { BadRequestException, PayloadTooLargeException, UnsupportedMediaTypeException } from '@nestjs/common';
import { drain } from './drain.js';

/** A platform's request: Express' is Node's own, Fastify's carries it. A parser may have read the body. */
export type PlatformRequest = (IncomingMessage | { readonly raw: IncomingMessage }) & {
  readonly body?: unknown;
};

/** The client has hung up in the middle of its request, so that there is nobody to answer. */
export class ClientGone extends Error {}

/**
 * The body of a request: a text, or what a parser of the application has made of it.
 *
 * @param maxBytes beyond which it is refused, and not read on
 * @throws PayloadTooLargeException, UnsupportedMediaTypeException where it is compressed, BadRequestException where it is
 *   no UTF-8 or gone, ClientGone
 */
export async function bodyOf(request: PlatformRequest, maxBytes: number): Promise<unknown> {
  const raw = 'raw' in request ? request.raw : request;
  const { body } = request;
  if (Number(raw.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(raw, maxBytes);
  if (body === undefined) return textOf(await readBody(raw, maxBytes));
  if (sizeOf(body) > maxBytes) throw tooLarge(raw, maxBytes);
  return Buffer.isBuffer(body) ? textOf(body) : body;
}

async function readBody(raw: IncomingMessage, maxBytes: number): Promise<Buffer> {
  checkReadable(raw);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // The connection has to stay for the answer.
    for await (const chunk of raw.iterator({ destroyOnReturn: false })) {
      chunks.push(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      if (bytes > maxBytes) break;
    }
  } catch (error) {
    throw raw.destroyed ? new ClientGone('The client has hung up.', { cause: error }) : error;
  }
  if (bytes > maxBytes) throw tooLarge(raw, maxBytes);
  return Buffer.concat(chunks);
}

function checkReadable(raw: IncomingMessage): void {
  const { 'content-encoding': encoding = 'identity' } = raw.headers;
  if (encoding !== 'identity') {
    throw new UnsupportedMediaTypeException(
      `A body with Content-Encoding: ${encoding} is not read here; send it as it is.`,
    );
  }
  const isGone = raw.readableDidRead && raw.complete;
  if (!isGone) return;
  throw new BadRequestException(
    'A middleware of the application has read the body and has left nothing of it; have it leave this path out.',
  );
}

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new BadRequestException('The body must be UTF-8.');
  }
}

/** In bytes; that of a value as JSON, which may be less than was sent. */
function sizeOf(body: unknown): number {
  if (Buffer.isBuffer(body)) return body.length;
  return Buffer.byteLength(typeof body === 'string' ? body : JSON.stringify(body));
}

function tooLarge(raw: IncomingMessage, maxBytes: number): PayloadTooLargeException {
  drain(raw);
  return new PayloadTooLargeException(`The body may have ${maxBytes} bytes; send less at once.`);
}
