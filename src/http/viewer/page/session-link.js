/** Takes the part of an address behind `#` apart: the session's id, empty where there is none, and what is shown of it. */
export function readLink(hash) {
  const [, name = '', query = ''] = /^#\/([^?]*)(?:\?(.*))?$/.exec(hash) ?? [];
  return { sessionId: decoded(name), query: new URLSearchParams(query) };
}

/** The part of an address that names a session and what is shown of it. */
export function writeLink(sessionId, query = new URLSearchParams()) {
  const text = query.toString();
  return `#/${encodeURIComponent(sessionId)}${text === '' ? '' : `?${text}`}`;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
