import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { Controller, Get, Header, NotFoundException, Param, StreamableFile } from '@nestjs/common';

const PAGE_DIR = new URL('../public/', import.meta.url);
const FILES = new Set(readdirSync(PAGE_DIR));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Nothing but this app's own files: even if a reply reached the page as markup, it could not run. */
const POLICY =
  "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

/** Serves the chat page, as it lies in `public`. */
@Controller()
export class PageController {
  @Get()
  @Header('Content-Security-Policy', POLICY)
  @Header('Referrer-Policy', 'no-referrer')
  @Header('X-Content-Type-Options', 'nosniff')
  @Header('Cache-Control', 'no-cache')
  page(): Promise<StreamableFile> {
    return this.file('index.html');
  }

  @Get(':file')
  @Header('X-Content-Type-Options', 'nosniff')
  @Header('Cache-Control', 'no-cache')
  async file(@Param('file') name: string): Promise<StreamableFile> {
    if (!FILES.has(name)) throw new NotFoundException();
    return new StreamableFile(await readFile(new URL(name, PAGE_DIR)), {
      type: TYPES[extname(name)] ?? 'application/octet-stream',
    });
  }
}
