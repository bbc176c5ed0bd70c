/**
 * Makes what peers send: the entries that our endpoint sends, field by field.
 *
 * @returns {(sessionId: string, message: string) => { id: string, json: string }}
 */
export function entryMaker() {
  let serial = 0;
  let time = 0;
  let timestamp = '';
  return (sessionId, message) => {
    const now = Date.now();
    if (now !== time) {
      time = now;
      timestamp = new Date(now).toISOString();
    }
    serial++;
    const id = `0123456789a-${serial}`;
    const entry = { uid: `01234567-${serial}`, sessionId, message, timestamp, logType: 'chat', id };
    return { id, json: JSON.stringify(entry) };
  };
}

/**
 * @param {{ id: string, json: string }} entry
 * @returns {string} the entry as a frame of the wire
 */
export function frame({ id, json }) {
  return `id: ${id}\ndata: ${json}\n\n`;
}
