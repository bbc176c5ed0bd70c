import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transformSync } from '@swc/core';

/** The client as a build makes it, of its sources as they are now, in a directory within `dir`. */
export function builtClient(dir: string): URL {
  const client = join(dir, 'client');
  mkdirSync(client, { recursive: true });
  for (const name of readdirSync('src/client').filter((file) => !file.endsWith('.spec.ts'))) {
    const { code } = transformSync(readFileSync(join('src/client', name), 'utf8'), {
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    });
    writeFileSync(join(client, name.replace(/\.ts$/, '.js')), code);
  }
  return pathToFileURL(`${client}/`);
}
