import { isCard } from './card-number.js';
import type { RedactPattern, RedactPreset } from './redact-options.js';

/** A kind of secret, with a check of what its pattern cannot tell. */
export interface SecretKind extends RedactPattern {
  /** How much of a match, from its beginning, is a secret; 0 where it is none. Default: all of it. */
  readonly lengthOf?: (match: string) => number;
  /** What one begins with that a session's end has cut short and that is masked all the same. Default: the prefix. */
  readonly cutShort?: RegExp;
}

/** Where a word of such letters may begin: also behind `\n` and the like in JSON, and behind what colours a terminal. */
const startOf = (letters: string): string =>
  String.raw`(?:(?<![${letters}])|(?<=\\[bfnrt])|(?<=\u001b\[[\d;]{0,16}m))`;
const START = startOf('A-Za-z0-9');

const after = (start: string, pattern: RegExp): RegExp => new RegExp(start + pattern.source, pattern.flags);

/** Of the first two digits of an issuer (ISO/IEC 7812): Visa, Mastercard, Amex, Discover, JCB, UnionPay, Mir and others. */
const ISSUER = '(?:[3-6]\\d|2[2-7]|8[12]|97)';

/** The kinds of secrets that are known by a name. */
export const PRESETS: Readonly<Record<RedactPreset, readonly SecretKind[]>> = {
  /** RFC 6750, section 2.1: `Bearer` and a token. */
  bearer: [
    {
      pattern: after(START, /(?:[Bb]earer|BEARER)\s{1,8}[A-Za-z0-9._~+/-]{8,}=*/),
      prefix: /(?:[Bb]earer|BEARER)\s/,
      maxLength: 8_192,
      lengthOf: bearerLength,
    },
  ],
  /** Keys as OpenAI, Anthropic and Stripe give them: `sk-…`, `sk_live_…`. */
  sk: [{ pattern: after(START, /sk[-_][A-Za-z0-9_-]{16,}/), prefix: /sk[-_]/, maxLength: 512 }],
  aws: [
    /** Ids of access keys, long-lived and temporary ones. */
    {
      pattern: after(START, /(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])/),
      prefix: /AKIA|ASIA/,
      maxLength: 20,
    },
    /** A secret key, which is known by its name alone: as in credential files, environments and JSON. */
    {
      pattern:
        /(?<![A-Za-z])secret_?access_?key\\?["']?\s{0,4}[:=]\s{0,4}\\?["']?[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])/i,
      prefix: /secret_?access_?key\\?["']?\s{0,4}[:=]/i,
      maxLength: 82,
    },
  ],
  /** RFC 7519: three parts in base64url, of which the first is a JSON object. */
  jwt: [
    {
      // A start within a run of these letters would be looked at to its end each time.
      pattern: after(startOf('A-Za-z0-9_-'), /eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*/),
      prefix: 'eyJ',
      maxLength: 16_384,
    },
  ],
  email: [
    {
      // `icon@2x.png` is none.
      pattern:
        /(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@(?!\dx\.)(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}/,
      prefix: /[A-Za-z0-9._%+-]{1,64}@/,
      maxLength: 320,
      cutShort: /[A-Za-z0-9._%+-]{1,64}@[A-Za-z]/,
    },
  ],
  /** 13 to 19 digits in one piece, or grouped as cards are. The prefix shows the eight digits that PCI DSS lets one show. */
  card: [
    {
      pattern: new RegExp(
        `${START}(?<!\\d[.,])(?:${[`${ISSUER}\\d{11,17}`, ...[' ', '\\u00a0', '-'].map(grouped)].join('|')})(?![A-Za-z0-9])`,
      ),
      prefix: new RegExp(`${ISSUER}(?:[ \\u00a0-]?\\d){7}`),
      maxLength: 23,
      lengthOf: cardLength,
      // With all digits but the last, that can be reckoned.
      cutShort: new RegExp(`${ISSUER}(?:[ \\u00a0-]?\\d){11}`),
    },
  ],
};

/** Four by four digits and up to three more; 4, 6 and 4 or 5; 4, 4 and 5. */
function grouped(separator: string): string {
  const group = (digits: string): string => `${separator}\\d{${digits}}`;
  const sixteen = `${group('4')}${group('4')}${group('4')}(?:${group('3')})?`;
  return `${ISSUER}\\d{2}(?:${sixteen}|${group('6')}${group('4,5')}|${group('4')}${group('5')})`;
}

/** What follows in the same grouping may be a check value. */
function cardLength(match: string): number {
  if (isCard(match)) return match.length;
  const shorter = match.slice(0, -4);
  return /\d[^\d]\d{3}$/.test(match) && isCard(shorter) ? shorter.length : 0;
}

/** A word of the language may follow `bearer`, too: a short token has a digit or the like, or small and capital letters. */
function bearerLength(match: string): number {
  const token = match.replace(/^\w+\s+/, '');
  const isToken = token.length >= 16 || /[\d_=]|\.[A-Za-z]|[a-z][A-Z]/.test(token);
  return isToken ? match.length : 0;
}
