import { createLogger, format } from 'winston';
import DailyRotateFile from 'winston-daily-rotate-file';

const NOW = Promise.resolve();

/**
 * winston with JSON and the daily file, called once an entry. It has no flush: that all lines are on disk is
 * told by the end of the transport's stream.
 *
 * @type {import('./peer.d.mts').OpenFile}
 */
export function open(dir) {
  const transport = new DailyRotateFile({ dirname: dir, filename: '%DATE%.log' });
  const logger = createLogger({ format: format.json(), transports: [transport] });
  let serial = 0;
  return {
    log(message, sessionId) {
      const timestamp = new Date().toISOString();
      logger.info({ uid: `01234567-${++serial}`, timestamp, sessionId, logType: 'chat', message });
      return NOW;
    },
    finish: () => new Promise((resolve) => transport.logStream.end(resolve)),
    close: () => {
      logger.close();
    },
  };
}
