import { SPECIAL_END_TOKENS, SPECIAL_TOKENS } from '../../entry/special-tokens.js';
import { surviveError } from './terminal-writer.js';

/**
 * Writes one piece of a stream to stdout as it is. A special token is not printed; an end token prints a
 * newline. A piece is a whole token or holds none; the terminal sink takes a stream apart that way.
 *
 * @returns the message, or undefined for a special token
 */
export function defaultStreamHandler(message: string): string | undefined {
  if (!SPECIAL_TOKENS.includes(message)) {
    print(message);
    return message;
  }
  if (SPECIAL_END_TOKENS.includes(message)) print('\n');
  return undefined;
}

function print(text: string): void {
  // There is nobody to wait, so stdout buffers; that its reader has gone is no reason to end the process.
  process.stdout.write(text, (error) => {
    if (error) surviveError(process.stdout);
  });
}
