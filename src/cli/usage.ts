/** What one who asks for help is told. */
export const USAGE = `Follow and read sessions of nestjs-session-logger.

  nestjs-session-logger tail <url>        follow a session: http://localhost:3000/logs/chat-1
  nestjs-session-logger sessions <url>    list the sessions: http://localhost:3000/logs
  nestjs-session-logger cat <dir>         read a session back from the daily files of a directory

Options
  --session ID        cat: the session to read
  --header 'N: V'     tail, sessions: a header of each request, such as 'Authorization: Bearer TOKEN'; may be repeated
  --since TIME        tail, cat: nothing older: 10m, 2h, 3d, or a time such as 2026-11-20T12:00:00Z
  --filter TEXT       tail, cat: only log lines and texts in which TEXT stands, whatever its case
  --json              one JSON object a line
  --help              this text
  --version           the version of the package

Reasoning is dim, log lines have the colour of their level; NO_COLOR switches colours off.
Exit codes: 0 all went well, 1 the session or the command failed, 2 wrong arguments, 130 interrupted.
`;

/** The arguments were wrong. */
export class UsageError extends Error {}
