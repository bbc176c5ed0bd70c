const TOKEN = new RegExp(
  [
    String.raw`\\(?:u\{[0-9a-f]+\}|u[0-9a-f]{4}|x[0-9a-f]{2}|c[a-z]|p\{[^}]*\}|k<[^>]*>|0[0-7]{0,2}|[1-9]\d*|[^])`, // an escape
    String.raw`\[(?:\\[^]|[^\]\\])*\]`, // a class
    String.raw`\(\?(?:<?[=!]|:|<[^>]*>)`, // a group that is none of the plain ones
    '[()|^$]',
    String.raw`[*+?]\??|\{\d+(?:,\d*)?\}\??`, // a quantifier
    '[^]',
  ].join('|'),
  'giu',
);

const LOOK_BEHIND = /^\(\?<[=!]$/;
const BACK_REFERENCE = /^\\(?:[1-9]|k<)/;
/** Within a negative look-ahead: what may hold of a text that is cut off, and no longer once more of it is there. */
const UNSTEADY = /^(?:\\b|\(\?)/i;

/** The parts of a pattern's source, in order. */
export function tokensOf({ source }: RegExp): string[] {
  return [...source.matchAll(TOKEN)].map(([token]) => token);
}

/** Whether a pattern asks where the text begins or ends, which nobody knows of a text that comes in pieces. */
export function hasAnchor(pattern: RegExp): boolean {
  return tokensOf(pattern).some((token) => token === '^' || token === '$');
}

/** A group that is open while a pattern is gone through. */
interface Group {
  readonly token: string;
  /** Whether something is matched before it. */
  readonly isInside: boolean;
  /** Whether something is matched before its end, by any of its alternatives. */
  isInsideAfter: boolean;
}

/**
 * Whether it can be told of each of its parts if a text that is cut off may still match: there are no back-references,
 * no positive look-aheads, no look-behinds but at the beginning, and nothing in negative look-aheads that depends on
 * what follows.
 */
export function isPlain(pattern: RegExp): boolean {
  const groups: Group[] = [{ token: '', isInside: false, isInsideAfter: false }];
  let isInside = false;
  for (const token of tokensOf(pattern)) {
    if (BACK_REFERENCE.test(token) || token === '(?=') return false;
    if (LOOK_BEHIND.test(token) && isInside) return false;
    if (UNSTEADY.test(token) && groups.some((group) => group.token === '(?!')) return false;
    isInside = isInsideBehind(token, groups, isInside);
  }
  return true;
}

/** Whether something is matched before what follows a token. */
function isInsideBehind(token: string, groups: Group[], isInside: boolean): boolean {
  const group = groups.at(-1)!;
  if (token.startsWith('(')) {
    groups.push({ token, isInside, isInsideAfter: false });
    return isInside;
  }
  if (token !== '|' && token !== ')') return isInside || !/^\\b$/i.test(token);
  group.isInsideAfter ||= isInside;
  if (token === '|') return group.isInside;
  groups.pop();
  const isLookAround = group.token === '(?!' || LOOK_BEHIND.test(group.token);
  return isLookAround ? group.isInside : group.isInsideAfter;
}
