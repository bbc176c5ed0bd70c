import { once } from 'node:events';
import { join } from 'node:path';
import pino from 'pino';

const NOW = Promise.resolve();

/**
 * pino on its own destination. Its messages are called `msg` unless told otherwise.
 *
 * @param {string} dir
 * @param {boolean} sync whether lines are written in the foreground, 4 KiB at a time
 * @returns {import('./peer.d.mts').LogFile}
 */
export function openPino(dir, sync) {
  const destination = pino.destination({ dest: join(dir, 'pino.log'), sync, minLength: 4096 });
  const options = { base: undefined, messageKey: 'message', timestamp: pino.stdTimeFunctions.isoTime };
  const logger = pino(options, destination);
  let serial = 0;
  return {
    log(message, sessionId) {
      logger.info({ uid: `01234567-${++serial}`, sessionId, logType: 'chat' }, message);
      return NOW;
    },
    // The callback of its flush() comes while up to minLength bytes still wait.
    finish: async () => {
      destination.end();
      await once(destination, 'close');
    },
    close: () => {},
  };
}
