/** Where the text ends, whatever the flags. */
const END = '(?![^])';

const TOKEN = new RegExp(
  [
    String.raw`\\(?:u\{[0-9a-f]+\}|u[0-9a-f]{4}|x[0-9a-f]{2}|c[a-z]|p\{[^}]*\}|k<[^>]*>|[1-9]\d*|[^])`, // an escape
    String.raw`\[(?:\\[^]|[^\]\\])*\]`, // a class
    String.raw`\(\?(?:<?[=!]|:|<[\w$]+>)`, // a group that is none of the plain ones
    '[()|^$]',
    String.raw`[*+?]\??|\{\d+(?:,\d*)?\}\??`, // a quantifier
    '[^]',
  ].join('|'),
  'gi',
);
const VERBATIM_GROUP = /^\(\?(?:!|<[=!])$/;
const GROUPING = /^(?:\(|\(\?|[)|^$]|[*+?]|\{\d)/;

/**
 * The pattern of all texts that a text may end in which `pattern` matches once more is added to it: each part of it is
 * matched, or the text ends before it. What stands in a negative look-ahead, or in a look-behind, stays as it is.
 *
 * By the technique of https://stackoverflow.com/a/41580048 (Lucas Trzesniewski, "partial matching").
 */
export function partialPattern(pattern: RegExp): RegExp {
  let partial = '';
  /** For each open group, whether it is left as it is. */
  const verbatim: boolean[] = [];
  for (const token of tokensOf(pattern)) {
    partial += verbatim.includes(true) ? token : orEnd(token);
    if (token.startsWith('(')) verbatim.push(VERBATIM_GROUP.test(token));
    else if (token === ')') verbatim.pop();
  }
  return withFlag({ source: `(?:${partial})${END}`, flags: pattern.flags }, 'g');
}

/** Whether a pattern asks where the text begins or ends, which nobody knows of a text that comes in pieces. */
export function hasAnchor(pattern: RegExp): boolean {
  return tokensOf(pattern).some((token) => token === '^' || token === '$');
}

/** The same pattern, which looks from a place on (`g`) or at that place alone (`y`). */
export function withFlag({ source, flags }: Pick<RegExp, 'source' | 'flags'>, flag: 'g' | 'y'): RegExp {
  return new RegExp(source, flags.replace(/[gy]/g, '') + flag);
}

function tokensOf({ source }: RegExp): string[] {
  return [...source.matchAll(TOKEN)].map(([token]) => token);
}

function orEnd(token: string): string {
  if (GROUPING.test(token)) return token;
  // What a back-reference means is not known before the group is complete.
  if (/^\\(?:[1-9]|k<)/.test(token)) return `(?:${token}|[^]*${END})`;
  return `(?:${token}|${END})`;
}
