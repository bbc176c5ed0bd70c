import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { SessionLoggerError } from '../session-logger.errors.js';
import type { ResolvedOptions } from './resolve-options.js';

/** What two loggers of an application may not share. */
interface Shared {
  readonly option: string;
  /** What they have, as in "the loggers … and … have …". */
  readonly what: string;
  readonly remedy: string;
}

/**
 * Throws where two loggers of an application would mix what they log.
 *
 * @throws SessionLoggerError `INVALID_OPTIONS`, which names the two, what they share and the remedy
 */
export function checkApart(loggers: readonly ResolvedOptions[]): void {
  loggers.forEach((logger, at) => {
    for (const other of loggers.slice(at + 1)) checkPair(logger, other);
  });
}

function checkPair(a: ResolvedOptions, b: ResolvedOptions): void {
  if (a.name === b.name) throw calledAlike(a);
  const shared = sharedPath(a, b) ?? sharedDirectory(a, b) ?? sharedStore(a, b) ?? sharedPart(a, b);
  if (shared !== undefined) throw notApart(a, b, shared);
}

/** Of `/logs` and `/logs/audit`, a path of the one is also one of a session of the other. */
function sharedPath(a: ResolvedOptions, b: ResolvedOptions): Shared | undefined {
  for (const one of placesOf(a)) {
    const other = placesOf(b).find((place) => overlap(one.path, place.path));
    if (other === undefined) continue;
    return {
      option: other.option,
      what: `endpoints that overlap, /${one.path} and /${other.path}`,
      remedy: `Set another ${other.option} for one of them, such as 'audit', or http: false`,
    };
  }
  return undefined;
}

/** A place of a logger, and the option that says it. */
interface Place {
  readonly option: string;
  readonly path: string;
}

function placesOf({ isServed, http, viewerPath }: ResolvedOptions): Place[] {
  if (!isServed) return [];
  const endpoints = { option: 'http.path', path: http.path };
  return viewerPath === undefined ? [endpoints] : [endpoints, { option: 'viewer.path', path: viewerPath }];
}

function overlap(a: string, b: string): boolean {
  const [one, other] = [routeOf(a), routeOf(b)];
  return one.startsWith(other) || other.startsWith(one);
}

function sharedDirectory(a: ResolvedOptions, b: ResolvedOptions): Shared | undefined {
  if (a.files === false || b.files === false) return undefined;
  const dir = directoryOf(a.files.dir);
  if (dir !== directoryOf(b.files.dir)) return undefined;
  return {
    option: 'files.dir',
    what: `their daily files in one directory, ${dir}`,
    remedy: "Set another files.dir for one of them, such as 'logs/audit', or files: false",
  };
}

function sharedStore({ store: a }: ResolvedOptions, { store: b }: ResolvedOptions): Shared | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (a !== b && (a.location === undefined || a.location !== b.location)) return undefined;
  return {
    option: 'store',
    what: `their sessions in one store${a.location === undefined ? '' : `, ${a.location}`}`,
    remedy: 'Make a store for each, in Redis with a keyPrefix of its own',
  };
}

/** A sink would be closed by the one while the other still writes; telemetry is told of one only. */
function sharedPart(a: ResolvedOptions, b: ResolvedOptions): Shared | undefined {
  const sink = a.sinks.find((one) => b.sinks.includes(one));
  if (sink !== undefined)
    return { option: 'sinks', what: `one sink, ${sink.name}`, remedy: 'Make a sink for each' };
  if (a.telemetry === undefined || a.telemetry !== b.telemetry) return undefined;
  return { option: 'telemetry', what: 'one telemetry', remedy: 'Make a telemetry for each' };
}

/** Routers may match without regard to case, and to slashes at the ends. */
function routeOf(path: string): string {
  return `${path.split('/').filter(Boolean).join('/').toLowerCase()}/`;
}

function directoryOf(dir: string): string {
  try {
    return realpathSync.native(dir);
  } catch {
    return resolve(dir);
  }
}

function calledAlike({ name }: ResolvedOptions): SessionLoggerError {
  return new SessionLoggerError(
    'INVALID_OPTIONS',
    `SessionLoggerModule: there are two loggers ${name === undefined ? 'without a name' : `named '${name}'`}. Import ` +
      'SessionLoggerModule.forRoot() once, in the root module; give a further logger a name of its own, ' +
      "forRoot({ name: 'audit', … }), and inject it by @InjectSessionLogger('audit').",
    { details: { option: 'name' } },
  );
}

function notApart(
  a: ResolvedOptions,
  b: ResolvedOptions,
  { option, what, remedy }: Shared,
): SessionLoggerError {
  const [one, other] = [a, b].map(({ name }) => (name === undefined ? 'without a name' : `'${name}'`));
  return new SessionLoggerError(
    'INVALID_OPTIONS',
    `SessionLoggerModule: the loggers ${one} and ${other} have ${what}; expected each to have its own. ${remedy}.`,
    { details: { option } },
  );
}
