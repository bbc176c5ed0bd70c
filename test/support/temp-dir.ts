import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onCleanUp } from './clean-up.js';

/** Makes an empty directory. {@link cleanUp} removes it with all that is in it. */
export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'session-logger-'));
  onCleanUp(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
