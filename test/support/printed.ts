import { jest } from '@jest/globals';
import { onCleanUp } from './clean-up.js';

/** Keeps what is printed to stdout until {@link cleanUp}; the returned function gives it, without colours. */
export function printed(): () => string {
  let text = '';
  const spy = jest.spyOn(process.stdout, 'write').mockImplementation(((chunk: string, done?: () => void) => {
    text += chunk;
    done?.();
    return true;
  }) as never);
  onCleanUp(() => spy.mockRestore());
  return () => text.replace(/\p{Cc}\[\d+m/gu, '');
}
