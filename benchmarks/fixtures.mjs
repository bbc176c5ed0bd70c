/** Payloads of the benchmarks: the same ones in every run, for everybody. */

/** What tokens are made of: mostly ASCII, some of two, three and four bytes in UTF-8. */
const LETTERS = Array.from(`abcdefghijklmnopqrstuvwxyzETAOIN      .,'"\n0123äéñ漢字🙂`);

/** The longest chunk, in characters. */
export const MAX_CHUNK = 12;

/**
 * A pseudo-random number generator (mulberry32): the same seed, the same numbers.
 *
 * @param {number} seed an integer
 * @returns {() => number} numbers from 0 up to 1, exclusive
 */
export function seeded(seed) {
  let state = Math.trunc(seed);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Chunks as a model streams them: 1 to {@link MAX_CHUNK} characters.
 *
 * @param {number} count
 * @param {number} [seed]
 * @returns {string[]}
 */
export function chunks(count, seed = 1) {
  const random = seeded(seed);
  const below = (/** @type {number} */ limit) => Math.floor(random() * limit);
  return Array.from({ length: count }, () => {
    const length = 1 + below(MAX_CHUNK);
    return Array.from({ length }, () => LETTERS[below(LETTERS.length)]).join('');
  });
}

/**
 * Tokens as a model streams English: most begin with a space and are one word, some end a sentence or a number.
 *
 * @param {number} count
 * @param {number} [seed]
 * @returns {string[]}
 */
export function words(count, seed = 1) {
  const random = seeded(seed);
  const below = (/** @type {number} */ limit) => Math.floor(random() * limit);
  const letters = (/** @type {number} */ length) =>
    Array.from({ length }, () => 'etaoinshrdlucmfwypvbgkqjxz'[Math.floor(26 * random() ** 2)]).join('');
  return Array.from({ length: count }, () => {
    const kind = random();
    if (kind < 0.1) return ['. ', ', ', '.\n', ' (', ')', ': '][below(6)];
    if (kind < 0.15) return ` ${below(2030)}`;
    return kind < 0.3 ? letters(1 + below(4)) : ` ${letters(1 + below(9))}`;
  });
}

/**
 * @param {number} count
 * @returns {string[]} ids of sessions, all of them different
 */
export function sessionIds(count) {
  return Array.from({ length: count }, (_, index) => `session-${index}`);
}
