import { visibleText } from './visible-text.js';

/** Has the browser save a session's past, as far as it can be had. `format` is `ndjson` or `text`. */
export async function download(api, sessionId, format) {
  const pieces = [];
  for await (const page of api.history(sessionId)) pieces.push(format === 'text' ? textOf(page) : page);
  const type = format === 'text' ? 'text/plain;charset=utf-8' : 'application/x-ndjson';
  const url = URL.createObjectURL(new Blob(pieces, { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${sessionId}.${format === 'text' ? 'txt' : 'ndjson'}`;
  link.click();
  URL.revokeObjectURL(url);
}

/** A line an entry: time, level, context and message. */
function textOf(page) {
  const lines = page.split('\n').filter((line) => line !== '');
  return lines.map((line) => `${lineOf(JSON.parse(line))}\n`).join('');
}

function lineOf({ timestamp, level, context, message, gap, reason, error }) {
  if (gap !== undefined) return `[entries missing here: ${gap.missed ?? 'unknown'}]`;
  const head =
    message === undefined
      ? [timestamp, `[${reason}]`]
      : [timestamp, level?.toUpperCase(), context && `[${context}]`];
  // It may well be read in a terminal, and no line of a message is to pass for another entry.
  return visibleText([...head, message ?? error].filter(Boolean).join(' ')).replaceAll('\n', '\n  ');
}
