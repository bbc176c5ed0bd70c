import { followSession, type FollowedSession, type FollowOptions } from '../client/index.js';
import type { LogEntry } from '../entry/log-entry.js';
import type { Arguments } from './arguments.js';
import { jsonLine } from './json-line.js';
import type { Output } from './output.js';
import { SegmentPrinter } from './segment-printer.js';

/** What a command is run with. */
export interface Context {
  readonly output: Output;
  /** For what is no output, such as that the connection was lost. */
  readonly notes: Output;
  /** Interrupts it. */
  readonly signal: AbortSignal;
}

/**
 * Follows a session until it ends.
 *
 * @returns the exit code: 0, or 1 where the session has ended with an error
 * @throws FollowError where the server refuses
 */
export async function tail(args: Arguments, { output, notes, signal }: Context): Promise<number> {
  const said: string[] = [];
  const options: FollowOptions = {
    headers: args.headers,
    signal,
    onGap: ({ missed }) => said.push(`${missed ?? 'Some'} entries are missing here`),
    onConnection: (state) => {
      if (state === 'lost') said.push('the connection was lost; coming back');
    },
  };
  const tell = async (printer?: SegmentPrinter): Promise<void> => {
    const lines = said.splice(0).map((text) => (printer === undefined ? `-- ${text}\n` : printer.note(text)));
    await (printer === undefined ? notes : output).write(lines.join(''));
  };
  const session = args.json
    ? await followEntries(args, options, output, tell)
    : await followSegments(args, options, output, tell);
  await tell();
  if (session.end?.reason !== 'error') return 0;
  await notes.write(`The session has failed: ${session.end.error ?? 'no reason given'}\n`);
  return 1;
}

async function followEntries(
  args: Arguments,
  options: FollowOptions,
  output: Output,
  tell: () => Promise<void>,
): Promise<FollowedSession<unknown>> {
  const session = followSession(args.target, { ...options, view: 'entries' });
  for await (const entry of session) {
    await tell();
    await output.write(jsonLine(entry satisfies LogEntry, args));
  }
  return session;
}

async function followSegments(
  args: Arguments,
  options: FollowOptions,
  output: Output,
  tell: (printer: SegmentPrinter) => Promise<void>,
): Promise<FollowedSession<unknown>> {
  const printer = new SegmentPrinter({ colors: output.colors, since: args.since, filter: args.filter });
  const session = followSession(args.target, { ...options, view: 'segments' });
  for await (const update of session) {
    await tell(printer);
    await output.write(printer.print(update));
  }
  await output.write(printer.freshLine());
  return session;
}
