import type { LogEntry } from 'nestjs-session-logger';

/** A line of a history: an entry, an end or a gap. */
export type HistoryLine = Partial<LogEntry> & { gap?: unknown; reason?: string };

/** One page, and the URL of the next. */
export interface HistoryPage {
  lines: HistoryLine[];
  next: string | undefined;
}

/** Gets one page. */
export async function getHistory(url: string): Promise<HistoryPage> {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-store');
  const [, next] = /^<(.+)>; rel="next"$/.exec(response.headers.get('link') ?? '') ?? [];
  return { lines: linesOf(await response.text()), next: next && new URL(next, url).href };
}

/** Gets all pages from one on, a hundred at the most; `between` is done before each further one. */
export async function followHistory(url: string, between: () => unknown = () => {}): Promise<HistoryLine[]> {
  const lines: HistoryLine[] = [];
  let pages = 0;
  for (let next: string | undefined = url; next !== undefined; pages++) {
    expect(pages).toBeLessThan(100);
    const page: HistoryPage = await getHistory(next);
    lines.push(...page.lines);
    ({ next } = page);
    await between();
  }
  return lines;
}

/** The messages of lines; undefined for ends and gaps. */
export function messagesOf(lines: readonly HistoryLine[]): unknown[] {
  return lines.map(({ message }) => message);
}

function linesOf(text: string): HistoryLine[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as HistoryLine);
}
