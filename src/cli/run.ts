import { readFile } from 'node:fs/promises';
import { messageOf } from '../session-logger.errors.js';
import { printable } from '../sinks/terminal/terminal-text.js';
import { readArguments, type Arguments } from './arguments.js';
import { cat } from './cat.js';
import type { Context } from './context.js';
import { OutputClosed } from './output.js';
import { sessions } from './sessions.js';
import { tail } from './tail.js';
import { USAGE, UsageError } from './usage.js';

const COMMANDS: Readonly<
  Record<Arguments['command'], (args: Arguments, context: Context) => Promise<number>>
> = {
  tail,
  sessions,
  cat,
};

/** Exit codes, as conventions have them. */
const FAILED = 1;
const WRONG_USAGE = 2;
const INTERRUPTED = 130;

/** Runs a command. @returns the exit code; never rejects */
export async function run(args: readonly string[], context: Context): Promise<number> {
  try {
    const given = readArguments(args, Date.now());
    if (typeof given !== 'string') {
      const code = await COMMANDS[given.command](given, context);
      return context.signal.aborted ? INTERRUPTED : code;
    }
    await context.output.write(given === 'help' ? USAGE : `${await version()}\n`);
    return 0;
  } catch (error) {
    return explain(error, context).catch(() => FAILED);
  }
}

/** Of the package that this is part of. */
async function version(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

async function explain(error: unknown, { notes, signal }: Context): Promise<number> {
  if (error instanceof OutputClosed) return 0;
  if (signal.aborted) return INTERRUPTED;
  const isUsage = error instanceof UsageError;
  await notes.write(
    `${printable(messageOf(error))}${isUsage ? '\nTry nestjs-session-logger --help.' : ''}\n`,
  );
  return isUsage ? WRONG_USAGE : FAILED;
}
