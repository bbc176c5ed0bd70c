import { Controller, Get, Header, Inject, Param, StreamableFile } from '@nestjs/common';
import { StaticFiles } from './static-files.js';

/** Injection token of the files of `nestjs-session-logger/client`, which the page loads as they are. */
export const CLIENT_FILES = Symbol('ClientFiles');

/** Nothing but this app's own files: even if a reply reached the page as markup, it could not run. */
const POLICY =
  "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

/** Serves the chat page, as it lies in `public`, and the client by which it follows a session. */
@Controller()
export class PageController {
  private readonly pageFiles = new StaticFiles(new URL('../public/', import.meta.url));

  constructor(@Inject(CLIENT_FILES) private readonly clientFiles: StaticFiles) {}

  @Get()
  @Header('Content-Security-Policy', POLICY)
  @Header('Referrer-Policy', 'no-referrer')
  @Header('X-Content-Type-Options', 'nosniff')
  @Header('Cache-Control', 'no-cache')
  page(): Promise<StreamableFile> {
    return this.pageFiles.read('index.html');
  }

  @Get('page/:file')
  @Header('X-Content-Type-Options', 'nosniff')
  @Header('Cache-Control', 'no-cache')
  file(@Param('file') name: string): Promise<StreamableFile> {
    return this.pageFiles.read(name);
  }

  @Get('client/:file')
  @Header('X-Content-Type-Options', 'nosniff')
  @Header('Cache-Control', 'no-cache')
  client(@Param('file') name: string): Promise<StreamableFile> {
    return this.clientFiles.read(name);
  }
}

/** The files of the package's client, where it is installed. */
export function findClientFiles(): StaticFiles {
  return new StaticFiles(new URL('./', import.meta.resolve('nestjs-session-logger/client')));
}
