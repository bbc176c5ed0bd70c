/**
 * Compares what one client received with what was sent to it: every entry once and in order, and nothing else but
 * comments and frames without data. What HTTP puts before each chunk makes lines of its own, which are skipped.
 *
 * @param {Buffer[]} bytes from the end of one event on
 * @param {{ sessionId: string, messages: string[] }} sent
 * @throws where they differ
 */
export function checkEvents(bytes, { sessionId, messages }) {
  let count = 0;
  for (const frame of Buffer.concat(bytes).toString().split('\n\n')) {
    const lines = frame.split('\n');
    if (lines.some((line) => line.startsWith('event:'))) {
      throw new Error(`${sessionId}: an event that was not expected: ${frame}`);
    }
    const data = lines.find((line) => line.startsWith('data:'));
    if (data === undefined) continue;
    const entry = JSON.parse(data.slice('data:'.length));
    if (entry.sessionId !== sessionId || entry.message !== messages[count]) {
      throw new Error(`${sessionId}: entry ${count} should be ${JSON.stringify(messages[count])}: ${data}`);
    }
    count++;
  }
  if (count !== messages.length)
    throw new Error(`${sessionId}: ${count} of ${messages.length} entries arrived`);
}
