import { followSession, type FollowedSession, type FollowOptions } from '../client/index.js';
import { indented } from '../sinks/terminal/terminal-text.js';
import type { Arguments } from './arguments.js';
import type { Context } from './context.js';
import { jsonLine } from './json-line.js';
import { SegmentPrinter } from './segment-printer.js';

/**
 * Follows a session until it ends.
 *
 * @returns the exit code: 0, or 1 where the session has ended with an error
 * @throws FollowError where the server refuses
 */
export async function tail(args: Arguments, { output, notes, signal }: Context): Promise<number> {
  const printer = args.json
    ? undefined
    : new SegmentPrinter({ colors: output.colors, since: args.since, filter: args.filter });
  let isLost = false;
  let told = Promise.resolve();
  /** At once, as nothing else may come for long. */
  const tell = (text: string): void => {
    told = told.then(() =>
      printer === undefined ? notes.write(`-- ${text}\n`) : output.write(printer.note(text)),
    );
    // Told where it is awaited.
    told.catch(() => {});
  };
  const options = {
    headers: args.headers,
    signal,
    onGap: ({ missed }) => tell(`${missed ?? 'Some'} entries are missing here`),
    onConnection: (state) => {
      if (state === 'lost' && !isLost) tell('the connection was lost; coming back');
      isLost = state === 'lost';
    },
  } satisfies FollowOptions;
  const show = async <T>(
    session: FollowedSession<T>,
    print: (one: T) => string,
  ): Promise<FollowedSession<T>> => {
    for await (const one of session) {
      await told;
      await output.write(print(one));
    }
    await told;
    return session;
  };
  const { end } =
    printer === undefined
      ? await show(followSession(args.target, options), (entry) => jsonLine(entry, args))
      : await show(followSession(args.target, { ...options, view: 'segments' }), (update) =>
          printer.print(update),
        );
  if (printer !== undefined) await output.write(printer.freshLine());
  if (end?.reason === 'cancelled') await notes.write(`The session was cancelled${because(end.error)}.\n`);
  if (end?.reason !== 'error') return 0;
  await notes.write(`The session has failed${because(end.error ?? 'no reason given')}\n`);
  return 1;
}

function because(reason: string | undefined): string {
  return reason === undefined ? '' : `: ${indented(reason)}`;
}
