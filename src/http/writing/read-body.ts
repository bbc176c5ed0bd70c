import type { IncomingMessage } from 'node:http';
import { BadRequestException, PayloadTooLargeException } from '@nestjs/common';

/** A platform's request: Express' is Node's own, Fastify's carries it. */
export type PlatformRequest = IncomingMessage | { readonly raw: IncomingMessage };

/**
 * Reads a body that no parser of the application has read.
 *
 * @param maxBytes beyond which it is not read on
 * @throws PayloadTooLargeException, or BadRequestException where it is no UTF-8
 */
export async function readBody(request: PlatformRequest, maxBytes: number): Promise<string> {
  const raw = 'raw' in request ? request.raw : request;
  checkLength(raw, maxBytes);
  const chunks: Buffer[] = [];
  let bytes = 0;
  // The connection has to stay for the answer.
  for await (const chunk of raw.iterator({ destroyOnReturn: false })) {
    bytes += (chunk as Buffer).length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk as Buffer);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new BadRequestException('The body must be UTF-8.');
  }
}

/** @throws PayloadTooLargeException where the request says that its body is too long */
export function checkLength(request: PlatformRequest, maxBytes: number): void {
  const { headers } = 'raw' in request ? request.raw : request;
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
}

function tooLarge(maxBytes: number): PayloadTooLargeException {
  return new PayloadTooLargeException(`The body may have ${maxBytes} bytes; send less at once.`);
}
