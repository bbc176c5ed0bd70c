import type { SessionRequest } from '../options/authorize.js';

/** A request of either platform, with the path and the query that were asked for. */
export type UrlRequest = SessionRequest & { readonly url: string };
