/** What a page has where the client does not say. */
export const DEFAULT_LIMIT = 100;
/** What a client may ask of one page at the most. */
export const MAX_LIMIT = 1_000;
