import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { NotFoundException } from '@nestjs/common';

/** What a page is made of; files of other types are not served. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
};

/** A file as it is answered. */
export interface ViewerFile {
  readonly text: string;
  /** Its media type. */
  readonly type: string;
}

/** The files that lie in one directory at the start, and nothing beside it. */
export class ViewerFiles {
  private readonly files: ReadonlyMap<string, ViewerFile>;

  /** @param dir none has no files */
  constructor(dir: URL | undefined) {
    const names = dir === undefined ? [] : readdirSync(dir).filter((name) => extname(name) in TYPES);
    this.files = new Map(names.map((name) => [name, readText(new URL(name, dir))]));
  }

  /** @throws NotFoundException where there is none of that name */
  get(name: string): ViewerFile {
    const file = this.files.get(name);
    if (file === undefined) throw new NotFoundException();
    return file;
  }
}

function readText(url: URL): ViewerFile {
  return { text: readFileSync(url, 'utf8'), type: TYPES[extname(url.pathname)]! };
}
