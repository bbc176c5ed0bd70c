/** Directory of the page's own files. Loaded only where there is a viewer, as Jest cannot load it in a CommonJS app. */
export const PAGE_DIRECTORY = new URL('./page/', import.meta.url);

/** Directory of the client's files. */
export const CLIENT_DIRECTORY = new URL('../../client/', import.meta.url);
