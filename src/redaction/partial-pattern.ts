import { tokensOf } from './pattern-tokens.js';

/** Where the text ends, whatever the flags. */
const END = '(?![^])';

const VERBATIM_GROUP = /^\(\?(?:!|<[=!])$/;
const GROUPING = /^(?:\(|\(\?|[)|^$]|[*+?]|\{\d)/;

/**
 * The pattern of all texts that a text may end in which a {@link isPlain | plain} one matches once more is added to it:
 * each part of it is matched, or the text ends before it. What stands in a negative look-ahead, or in a look-behind,
 * stays as it is.
 *
 * By the technique of https://stackoverflow.com/a/41580048 (Lucas Trzesniewski, "partial matching").
 *
 * @param flag whether it looks from a place on (`g`) or at that place alone (`y`)
 */
export function partialPattern(pattern: RegExp, flag: 'g' | 'y'): RegExp {
  let partial = '';
  /** For each open group, whether it is left as it is. */
  const verbatim: boolean[] = [];
  for (const token of tokensOf(pattern)) {
    partial += verbatim.includes(true) || GROUPING.test(token) ? token : `(?:${token}|${END})`;
    if (token.startsWith('(')) verbatim.push(VERBATIM_GROUP.test(token));
    else if (token === ')') verbatim.pop();
  }
  return withFlag({ source: `(?:${partial})${END}`, flags: pattern.flags }, flag);
}

/** The same pattern, which looks from a place on (`g`) or at that place alone (`y`). */
export function withFlag({ source, flags }: Pick<RegExp, 'source' | 'flags'>, flag: 'g' | 'y'): RegExp {
  return new RegExp(source, flags.replace(/[gy]/g, '') + flag);
}
