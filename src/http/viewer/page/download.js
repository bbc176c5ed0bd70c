import { visibleText } from './visible-text.js';

/** Has the browser save a session's past, as far as it can be had. `format` is `ndjson` or `text`. */
export async function download(api, sessionId, format) {
  const pieces = [];
  const transcript = new Transcript();
  for await (const page of api.history(sessionId))
    pieces.push(format === 'text' ? transcript.textOf(page) : page);
  if (format === 'text') pieces.push('\n');
  const type = format === 'text' ? 'text/plain;charset=utf-8' : 'application/x-ndjson';
  const url = URL.createObjectURL(new Blob(pieces, { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${sessionId}.${format === 'text' ? 'txt' : 'ndjson'}`;
  link.click();
  URL.revokeObjectURL(url);
}

/** A paragraph for what one says, however many chunks that came in, and a line for each line of the log. */
class Transcript {
  #speaker;
  #isEmpty = true;

  /** @param page NDJSON */
  textOf(page) {
    const lines = page.split('\n').filter((line) => line !== '');
    return lines.map((line) => this.#take(JSON.parse(line))).join('');
  }

  #take(record) {
    const isChat = record.logType === 'chat';
    const speaker = isChat ? `of ${record.context ?? ''}` : undefined;
    const goesOn = isChat && speaker === this.#speaker;
    const before = goesOn || this.#isEmpty ? '' : '\n';
    this.#speaker = speaker;
    this.#isEmpty = false;
    // It may well be read in a terminal, and no line of a message is to pass for another entry.
    const text = visibleText(goesOn ? record.message : lineOf(record)).replaceAll('\n', '\n  ');
    return before + text;
  }
}

function lineOf({ timestamp, level, context, message, gap, reason, error }) {
  if (gap !== undefined) return `[entries missing here: ${gap.missed ?? 'unknown'}]`;
  const head =
    message === undefined
      ? [timestamp, `[${reason}]`]
      : [timestamp, level?.toUpperCase(), context && `[${context}]`];
  return [...head, message ?? error].filter(Boolean).join(' ');
}
