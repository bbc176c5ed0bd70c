import { openPino } from './pino.mjs';

/** @type {import('./peer.d.mts').OpenFile} */
export function open(dir) {
  return openPino(dir, true);
}
