import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { RESOLVED_OPTIONS, type ResolvedOptions } from '../options/resolve-options.js';
import { Reporter } from '../session-logger.reporter.js';
import { NDJSON } from './writing/read-entries.js';

/** Characters of the longest session id. */
const LONGEST_ID = 128;

/** What is used of a Fastify instance. */
interface Fastify {
  readonly initialConfig: { readonly routerOptions?: { readonly maxParamLength?: number } };
  hasContentTypeParser(type: string): boolean;
  addContentTypeParser(
    type: string,
    parser: (request: unknown, payload: unknown, done: (error: null) => void) => void,
  ): unknown;
}

/** Has Fastify, where the application stands on it, do what Express does by itself. */
@Injectable()
export class FastifySetup implements OnModuleInit {
  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
    @Inject(Reporter) private readonly reporter: Reporter,
  ) {}

  onModuleInit(): void {
    // An application without HTTP has no adapter.
    const { httpAdapter } = this.host as Partial<HttpAdapterHost>;
    if (httpAdapter?.getType() !== 'fastify') return;
    const fastify = httpAdapter.getInstance<Fastify>();
    if (this.options.http.write) takeBatches(fastify);
    const { maxParamLength = LONGEST_ID } = fastify.initialConfig.routerOptions ?? {};
    if (maxParamLength < LONGEST_ID) this.reporter.warn('fastify', tooShort(maxParamLength));
  }
}

/** Fastify refuses types that it has no parser for; ours leaves the body to whoever handles the request. */
function takeBatches(fastify: Fastify): void {
  for (const type of NDJSON) {
    if (!fastify.hasContentTypeParser(type))
      fastify.addContentTypeParser(type, (_request, _body, done) => done(null));
  }
}

function tooShort(length: number): string {
  return (
    `Fastify answers 414 to session ids of more than ${length} characters; they may have ${LONGEST_ID}. ` +
    `Use new FastifyAdapter({ routerOptions: { maxParamLength: ${LONGEST_ID} } }), or shorter ids`
  );
}
