import { SessionLoggerError, type SessionLoggerErrorCode } from '../session-logger.errors.js';

/** The error for a field that breaks its rule: shows the value, shortened, and says what was expected. */
export function invalidInput(
  code: SessionLoggerErrorCode,
  field: string,
  value: unknown,
  expected: string,
): SessionLoggerError {
  const shown =
    typeof value === 'string' ? JSON.stringify(value.slice(0, 64)) : `a value of type ${typeName(value)}`;
  return new SessionLoggerError(code, `${field} is ${shown}; expected ${expected}.`);
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
