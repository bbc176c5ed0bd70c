/** Control characters but newline and tab, and the characters that turn the direction of text. */
const UNSAFE = /[^\P{Cc}\n\t]|[\u202A-\u202E\u2066-\u2069]/gu;

/**
 * Makes a text safe to show on a terminal: control characters (C0, DEL, C1) other than newline and tab,
 * and bidirectional overrides, are written out as `\x1b` or `\u202e`.
 */
export function printable(text: string): string {
  return text.replace(UNSAFE, writtenOut);
}

function writtenOut(character: string): string {
  const code = character.charCodeAt(0);
  return code > 0xff ? '\\u' + code.toString(16) : '\\x' + code.toString(16).padStart(2, '0');
}

/** Whether a stream is a terminal that is to show colours. */
export function wantsColors(stream: NodeJS.WritableStream & { isTTY?: boolean }): boolean {
  return stream.isTTY === true && !process.env['NO_COLOR'];
}

/** Printable, and no line of it passes for another entry. */
export function indented(text: string): string {
  return printable(text).replaceAll('\n', '\n  ');
}
