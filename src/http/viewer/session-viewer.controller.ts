import {
  Controller,
  Get,
  Inject,
  NotFoundException,
  Param,
  Req,
  Res,
  UseGuards,
  type Provider,
  type Type,
} from '@nestjs/common';
import type { SessionHttpOptions } from '../../options/session-logger-options.js';
import { Reporter } from '../../session-logger.reporter.js';
import { Answer } from '../answer.js';
import { SessionAccess } from '../session-access.js';
import type { UrlRequest } from '../url-request.js';
import { ViewerFiles, type ViewerFile } from './viewer-files.js';
import type * as Places from './viewer-places.js';

/** Injection token of the page's own files. */
const PAGE_FILES = Symbol('ViewerPageFiles');
/** Injection token of the files of the client, by which the page follows sessions. */
export const VIEWER_CLIENT_FILES = Symbol('ViewerClientFiles');

/** What the page may do: run and load what this server has. What was logged could do nothing even as markup. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const HEADERS = {
  'Cache-Control': 'no-cache',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** What the viewer's controller needs besides that of all. */
export const VIEWER_PROVIDERS: Provider[] = [
  filesProvider(PAGE_FILES, 'PAGE_DIRECTORY'),
  filesProvider(VIEWER_CLIENT_FILES, 'CLIENT_DIRECTORY'),
];

function filesProvider(provide: symbol, directory: keyof typeof Places): Provider {
  return {
    provide,
    inject: [Reporter],
    useFactory: async (reporter: Reporter) => new ViewerFiles((await findPlaces(reporter))?.[directory]),
  };
}

async function findPlaces(reporter: Reporter): Promise<typeof Places | undefined> {
  try {
    return await import('./viewer-places.js');
  } catch (error) {
    reporter.warn(
      'viewer',
      'The viewer answers 404, as its files cannot be found from here. Under Jest in CommonJS leave viewer out, or have ' +
        'Jest load ES modules',
      error,
    );
    return undefined;
  }
}

/** The template that the page is made of. */
const PAGE = 'index.html';

/**
 * Makes the controller of the page at `GET /<viewer path>`.
 *
 * @param viewerPath where the page is
 * @param http where the endpoints are that it reads
 */
export function createSessionViewerController(
  viewerPath: string,
  { path = 'logs', guards = [] }: Pick<SessionHttpOptions, 'path' | 'guards'>,
): Type {
  @Controller(viewerPath)
  @UseGuards(...guards)
  class SessionViewerController {
    constructor(
      @Inject(PAGE_FILES) private readonly page: ViewerFiles,
      @Inject(VIEWER_CLIENT_FILES) private readonly client: ViewerFiles,
      @Inject(SessionAccess) private readonly access: SessionAccess,
      @Inject(Answer) private readonly answer: Answer,
    ) {}

    /** Who may list sessions may have the page; each of its requests is decided on as any other. */
    @Get()
    async show(@Req() request: UrlRequest, @Res() response: unknown): Promise<void> {
      await this.access.checkList(request);
      const [pathname = '', query] = request.url.split('?');
      if (!pathname.endsWith('/')) return this.sendPage(response);
      // Its links are relative to the path without a slash.
      const Location = `../${nameOf(viewerPath)}${query === undefined ? '' : `?${query}`}`;
      this.answer.send(response, 308, undefined, { Location });
    }

    @Get('page/:file')
    pageFile(@Param('file') name: string, @Res() response: unknown): void {
      // The page itself has a policy and is for those who may list sessions.
      if (name === PAGE) throw new NotFoundException();
      this.send(response, this.page.get(name));
    }

    @Get('client/:file')
    clientFile(@Param('file') name: string, @Res() response: unknown): void {
      this.send(response, this.client.get(name));
    }

    private sendPage(response: unknown): void {
      const { text, type } = this.page.get(PAGE);
      const html = placed(text, viewerPath, path);
      const headers = { ...HEADERS, 'Content-Security-Policy': POLICY, 'Content-Type': type };
      this.answer.send(response, 200, html, headers);
    }

    private send(response: unknown, { text, type }: ViewerFile): void {
      this.answer.send(response, 200, text, { ...HEADERS, 'Content-Type': type });
    }
  }
  return SessionViewerController;
}

/** The page with the places of its files and of the endpoints, relative to its own URL, whatever prefix that has. */
function placed(html: string, viewerPath: string, logsPath: string): string {
  const logs = '../'.repeat(segmentsOf(viewerPath).length - 1) + segmentsOf(logsPath).join('/');
  return html.replaceAll('{{viewer}}', encodeURI(nameOf(viewerPath))).replaceAll('{{logs}}', encodeURI(logs));
}

function nameOf(path: string): string {
  return segmentsOf(path).at(-1)!;
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter(Boolean);
}
