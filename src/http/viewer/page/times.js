const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
});
const RELATIVE = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'narrow' });
const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/** The time of day of a timestamp. */
export function clockOf(timestamp) {
  return CLOCK.format(new Date(timestamp));
}

/** How long ago a timestamp is, such as `5 min. ago`. */
export function agoOf(timestamp, now = Date.now()) {
  const seconds = Math.min((Date.parse(timestamp) - now) / 1_000, 0);
  const [unit, length] = UNITS.find(([, size]) => -seconds >= size) ?? ['second', 1];
  return RELATIVE.format(Math.round(seconds / length), unit);
}
