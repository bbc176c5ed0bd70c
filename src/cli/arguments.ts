import { parseArgs } from 'node:util';
import { UsageError } from './usage.js';

/** The options that each command takes, besides `--help` and `--version`. */
const OPTIONS = {
  tail: ['header', 'since', 'filter', 'json'],
  sessions: ['header', 'json'],
  cat: ['session', 'since', 'filter', 'json'],
} as const satisfies Record<string, readonly string[]>;

/** What a command is to do. */
export interface Arguments {
  readonly command: keyof typeof OPTIONS;
  /** A URL or a directory. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly session: string | undefined;
  /** Nothing older, in milliseconds since 1970. */
  readonly since: number | undefined;
  /** In lower case. */
  readonly filter: string | undefined;
  readonly json: boolean;
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads the arguments of the command line.
 *
 * @param now milliseconds since 1970, from which `--since 10m` counts
 * @returns what was asked for instead, where that is the help or the version
 * @throws UsageError where they are wrong
 */
export function readArguments(args: readonly string[], now: number): Arguments | 'help' | 'version' {
  const { values, positionals } = parse(args);
  if (values.help === true) return 'help';
  if (values.version === true) return 'version';
  const [command, target, ...more] = positionals;
  if (command === undefined) throw new UsageError('A command is missing; expected tail, sessions or cat.');
  if (!isCommand(command))
    throw new UsageError(`There is no command ${command}; expected tail, sessions or cat.`);
  if (target === undefined) {
    throw new UsageError(`${command} needs ${command === 'cat' ? 'a directory' : 'a URL'}.`);
  }
  checkOptions(command, Object.keys(values));
  if (more.length > 0) throw new UsageError(`${more.join(' ')} is too much; ${command} takes one.`);
  if (command !== 'cat') checkUrl(target);
  else if (values.session === undefined) throw new UsageError('cat needs --session ID.');
  return {
    command,
    target,
    headers: Object.fromEntries((values.header ?? []).map(headerOf)),
    session: values.session,
    since: values.since === undefined ? undefined : timeOf(values.since, now),
    filter: values.filter?.toLowerCase(),
    json: values.json === true,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        header: { type: 'string', multiple: true },
        session: { type: 'string' },
        since: { type: 'string' },
        filter: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    });
  } catch (error) {
    const [, unknown] = /^Unknown option '(-[^']*)'/.exec((error as Error).message) ?? [];
    throw new UsageError(unknown === undefined ? (error as Error).message : `There is no option ${unknown}.`);
  }
}

function isCommand(text: string): text is Arguments['command'] {
  return Object.hasOwn(OPTIONS, text);
}

function checkOptions(command: Arguments['command'], given: readonly string[]): void {
  const known: readonly string[] = OPTIONS[command];
  const unknown = given.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const expected = known.map((name) => `--${name}`).join(', ');
  throw new UsageError(`${command} takes no --${unknown}; expected ${expected}.`);
}

function checkUrl(target: string): void {
  if (URL.canParse(target) && /^https?:/.test(target)) return;
  throw new UsageError(`${target} is no URL; expected one such as http://localhost:3000/logs/chat-1.`);
}

function headerOf(text: string): [string, string] {
  const colon = text.indexOf(':');
  const header: [string, string] = [text.slice(0, colon).trim(), text.slice(colon + 1).trim()];
  try {
    if (colon > 0 && new Headers([header])) return header;
  } catch {
    // Told below.
  }
  throw new UsageError(`--header ${text} is no header; expected 'Name: value', in ASCII.`);
}

function timeOf(text: string, now: number): number {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return Math.max(now - Number(count) * UNITS[unit]!, 0);
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(time)) return time;
  throw new UsageError(`--since ${text} is no time; expected 10m, 2h, 3d, or such as 2026-11-20T12:00:00Z.`);
}
