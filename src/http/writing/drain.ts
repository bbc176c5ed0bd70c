import type { IncomingMessage } from 'node:http';

/** What a client may go on sending once it was refused: bytes and milliseconds. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_MS = 10_000;

/**
 * Passes over the rest of a request that is refused: many a client reads its answer only once it has sent all. One that
 * does not come to an end is cut off.
 */
export function drain(raw: IncomingMessage): void {
  if (raw.readableEnded || raw.destroyed) return;
  const cutOff = (): unknown => raw.destroy();
  const patience = setTimeout(cutOff, MAX_MS);
  let left = MAX_BYTES;
  raw.on('close', () => clearTimeout(patience));
  // That of a client which hangs up, or is cut off.
  raw.on('error', () => {});
  raw.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) cutOff();
  });
}
