const MIN_DIGITS = 13;
const MAX_DIGITS = 19;

/** Whether the digits of a text are as many as those of a card, and the last is right by the algorithm of Luhn (ISO/IEC 7812-1, annex B). */
export function isCard(text: string): boolean {
  const digits = Array.from(text.replace(/\D/g, ''), Number);
  return digits.length >= MIN_DIGITS && digits.length <= MAX_DIGITS && isLuhn(digits);
}

function isLuhn(digits: readonly number[]): boolean {
  const sum = digits
    .toReversed()
    .reduce((total, digit, at) => total + (at % 2 === 0 ? digit : doubled(digit)), 0);
  return sum % 10 === 0;
}

function doubled(digit: number): number {
  return digit > 4 ? 2 * digit - 9 : 2 * digit;
}
