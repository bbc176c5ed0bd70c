import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { NotFoundException, StreamableFile } from '@nestjs/common';

/** What a page is made of; files of other types are not served. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The files that lie in one directory, and nothing beside it. */
export class StaticFiles {
  private readonly names: ReadonlySet<string>;

  constructor(private readonly dir: URL) {
    this.names = new Set(readdirSync(dir).filter((name) => extname(name) in TYPES));
  }

  /** @throws NotFoundException where there was no such file at the start */
  async read(name: string): Promise<StreamableFile> {
    if (!this.names.has(name)) throw new NotFoundException();
    return new StreamableFile(await readFile(new URL(name, this.dir)), { type: TYPES[extname(name)]! });
  }
}
