// nest-winston's index loads Nest through require(), which Jest on Node 20 cannot do; its utilities stand alone.
import { utilities } from 'nest-winston/dist/winston.utilities.js';
import type { LogEntry } from '../../entry/log-entry.js';
import { indented, printable } from './terminal-text.js';

/** Where winston's formats leave the finished line. */
const MESSAGE = Symbol.for('message');

/**
 * Makes the writer of log lines with Nest's look:
 * `[SessionLogger] 4711   11/22/2026, 2:26:00 PM    WARN [Agent] message - {"sessionId":"s1","data":{…}}`. More lines of
 * the message, and those of the stack, are indented below it.
 *
 * @param colors whether lines are coloured by level
 * @param name what stands first
 */
export function logLineFormat(colors: boolean, name = 'SessionLogger'): (entry: LogEntry) => string {
  const look = utilities.format.nestLike(name, { colors, prettyPrint: false });
  return ({ level = 'log', message, context, timestamp, sessionId, data, stack }) => {
    const said = { level, message: indented(message), context: context && onOneLine(context), timestamp };
    const line = look.transform(said);
    const shown = typeof line === 'object' ? String(line[MESSAGE]) : said.message;
    const more = JSON.stringify({ sessionId: sessionId || undefined, data });
    return shown + (more === '{}' ? '' : ` - ${printable(more)}`) + (stack ? indented(`\n${stack}`) : '');
  };
}

function onOneLine(text: string): string {
  return printable(text).replaceAll('\n', '\\n');
}
