import { readLogFiles, type LogFileEntry } from 'nestjs-session-logger';

/** What is on disk: the entries, and how many lines are none. */
export async function linesIn(dir: string): Promise<{ entries: LogFileEntry[]; skipped: number }> {
  const reader = readLogFiles({ dir });
  const entries: LogFileEntry[] = [];
  for await (const entry of reader) entries.push(entry);
  return { entries, skipped: reader.skipped };
}

/** `0`, `1` and so on, `count` of them. */
export function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, n) => String(n));
}
