import type { RedactPattern, RedactPreset } from './redact-options.js';

/** A kind of secret, with a check of what its pattern cannot tell. */
export interface SecretKind extends RedactPattern {
  /** How much of a match, from its beginning, is a secret; 0 where it is none. Default: all of it. */
  readonly lengthOf?: (match: string) => number;
}

/** The kinds of secrets that are known by a name. */
export const PRESETS: Readonly<Record<RedactPreset, readonly SecretKind[]>> = {
  /** RFC 6750, section 2.1: `Bearer` and a token of 8 characters or more. */
  bearer: [
    {
      pattern: /\bbearer\s{1,8}[A-Za-z0-9._~+/-]{8,}=*/i,
      prefix: /bearer\s/i,
      maxLength: 8_192,
    },
  ],
  /** Keys as OpenAI, Anthropic and Stripe give them: `sk-…`, `sk_live_…`. */
  sk: [{ pattern: /\bsk[-_][A-Za-z0-9_-]{16,}/, prefix: /sk[-_]/, maxLength: 512 }],
  aws: [
    /** Ids of access keys, long-lived and temporary ones. */
    { pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/, prefix: /AKIA|ASIA/, maxLength: 20 },
    /** A secret key, which is known by its name alone: as in credential files, environments and JSON. */
    {
      pattern:
        /(?<![A-Za-z])secret_?access_?key["']?\s{0,4}[:=]\s{0,4}["']?[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])/i,
      prefix: /secret_?access_?key["']?\s{0,4}[:=]/i,
      maxLength: 80,
    },
  ],
  /** RFC 7519: three parts in base64url, of which the first is a JSON object. */
  jwt: [
    {
      pattern: /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*/,
      prefix: 'eyJ',
      maxLength: 16_384,
    },
  ],
  email: [
    {
      pattern: /(?<![A-Za-z0-9])[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}/,
      prefix: /(?<![A-Za-z0-9])[A-Za-z0-9._%+-]{1,64}@/,
      maxLength: 320,
    },
  ],
  /**
   * 13 to 19 digits in one piece or grouped as cards are, that begin like those of an issuer and whose last is right by
   * the algorithm of Luhn (ISO/IEC 7812-1, annex B). The prefix shows at most the eight digits that PCI DSS lets one show.
   */
  card: [
    {
      pattern:
        /(?<![\dA-Za-z])(?=[3-6]|2[2-7]|8[12]|97)(?:\d{13,19}|\d{4}(?:[ \u00a0-]\d{3,6}){2,4}|\d{6}[ \u00a0-]\d{13})(?![\dA-Za-z])/,
      prefix: /(?:[3-6]|2(?=[2-7])|8(?=[12])|9(?=7))(?:[ \u00a0-]?\d){8}/,
      maxLength: 23,
      lengthOf: cardLength,
    },
  ],
};

const MIN_CARD = 13;
const MAX_CARD = 19;

/** The longest number that is a card's: what follows in the same grouping may be a date or a check value. */
function cardLength(match: string): number {
  const ends = [...match.matchAll(/\d(?!\d)/g)].map(({ index }) => index + 1);
  return ends.findLast((end) => isCard(match.slice(0, end).replace(/\D/g, ''))) ?? 0;
}

function isCard(digits: string): boolean {
  return digits.length >= MIN_CARD && digits.length <= MAX_CARD && isLuhn(digits);
}

function isLuhn(text: string): boolean {
  const digits = Array.from(text, Number).toReversed();
  const sum = digits.reduce((total, digit, at) => total + (at % 2 === 0 ? digit : doubled(digit)), 0);
  return sum % 10 === 0;
}

function doubled(digit: number): number {
  return digit > 4 ? 2 * digit - 9 : 2 * digit;
}
