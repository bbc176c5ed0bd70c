// nest-winston's index loads Nest through require(), which Jest on Node 20 cannot do; its utilities stand alone.
import { utilities } from 'nest-winston/dist/winston.utilities.js';
import type { LogEntry } from '../../entry/log-entry.js';
import { printable } from './terminal-text.js';

/** Where winston's formats leave the finished line. */
const MESSAGE = Symbol.for('message');

/**
 * Makes the writer of log lines with Nest's look:
 * `[SessionLogger] 4711   11/22/2026, 2:26:00 PM    WARN [Agent] message - {"sessionId":"s1","data":{…}}`.
 *
 * @param colors whether lines are coloured by level
 */
export function logLineFormat(colors: boolean): (entry: LogEntry) => string {
  const look = utilities.format.nestLike('SessionLogger', { colors, prettyPrint: false });
  return ({ level = 'log', message, context, timestamp, sessionId, data }) => {
    const said = { level, message: printable(message), context: context && printable(context), timestamp };
    const line = look.transform(said);
    const shown = typeof line === 'object' ? String(line[MESSAGE]) : said.message;
    return `${shown} - ${printable(JSON.stringify({ sessionId, data }))}`;
  };
}
