const LINE_BEGIN = String.raw`(?:^|\r\n|[\n\r\u2028\u2029])`;

/** What stands before `at`: blanks, and before them colours as util.inspect() sets them. */
const INDENT = String.raw`(?:\u001b\[[\d;]{0,16}m){0,4}[^\S\n\r\u2028\u2029]+`;

/** What a frame ends with: `file.js:1:2)`, or one of the places that are no file. */
const PLACE = String.raw`(?:[^\s\d]:\d+:\d+\)?|\((?:<anonymous>|native|index \d+)\))`;

/** Built of single loops, so that it takes linear time and no stack for whatever text. */
const FRAMES = new RegExp(
  [
    `${LINE_BEGIN}${INDENT}at .*`,
    // Of a stack whose lines have been trimmed.
    String.raw`${LINE_BEGIN}at .*${PLACE}(?=[\n\r\u2028\u2029]|$)`,
    // Of a stack within JSON.
    String.raw`\\n[ \t]+at [^"\n]*`,
  ].join('|'),
  'g',
);

/** Whether lines of a text are frames of a stack: `    at run (/app/a.js:1:2)`. */
export function hasFrames(text: string): boolean {
  return text.search(FRAMES) !== -1;
}

/** A text without its lines that are frames. */
export function withoutFrames(text: string): string {
  return text.replace(FRAMES, '');
}
