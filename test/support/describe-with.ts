import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * `describe`, where the program is there. Elsewhere the tests are skipped, and stderr says what to install; but not on a
 * machine that proves the package (`CI`), where they fail without it.
 *
 * @param program a name on the PATH, or an absolute path
 * @param remedy such as `apt-get install nginx-light`
 */
export function describeWith(program: string, remedy: string): typeof describe {
  const places = program.startsWith('/') ? [program] : (process.env.PATH ?? '').split(delimiter);
  const isThere = places.some((place) => existsSync(place === program ? place : join(place, program)));
  if (isThere || process.env.CI !== undefined) return describe;
  process.stderr.write(`Skipping tests: there is no ${program}; install it (${remedy}).\n`);
  return describe.skip;
}
