import type { LogFileEntry } from '../../sinks/file/read-log-files.js';
import type { HistoryPage } from './history-page.js';

/** What of a session's daily files is to be given. */
export interface FilePast {
  readonly entries: AsyncIterable<LogFileEntry>;
  /** Uids of what the store holds, which is given from there. */
  readonly stored: ReadonlySet<string>;
  readonly isWanted: (entry: LogFileEntry) => boolean;
  /** An entry as readers may see it. */
  readonly shown: (entry: LogFileEntry) => object;
}

/** What the files were found to hold. */
export interface FileFindings {
  /** Whether the entry is among them behind which the page begins. */
  readonly isFound: boolean;
  /** The last entry that was logged before that one, by its process. */
  readonly earlier: string | undefined;
  /** Whether an entry of the store is among them: they have what left the store before it, then. */
  readonly hasMet: boolean;
}

/** Adds to a page what stands in the files alone, behind the entry that was given last. */
export async function addFromFiles(page: HistoryPage, past: FilePast): Promise<FileFindings> {
  const { uid } = page.place;
  let isFound = uid === undefined;
  let earlier: string | undefined;
  let hasMet = false;
  for await (const entry of past.entries) {
    hasMet ||= past.stored.has(entry.uid);
    if (!isFound) {
      isFound = entry.uid === uid;
      if (isEarlier(entry.uid, uid!)) earlier = entry.uid;
    } else if (isGiven(entry, past) && !page.add(past.shown(entry), { uid: entry.uid })) {
      break;
    }
  }
  return { isFound, earlier, hasMet };
}

/** Lines of the application that no reader was given are none of its past. */
function isGiven(entry: LogFileEntry, { stored, isWanted }: FilePast): boolean {
  return entry.stream !== false && !stored.has(entry.uid) && isWanted(entry);
}

/** A uid is `<process>-<n>`, and a process writes a session's entries in the order of their numbers. */
function isEarlier(uid: string, other: string): boolean {
  const [process, n] = uid.split('-');
  const [sameProcess, m] = other.split('-');
  return process === sameProcess && Number(n) < Number(m);
}
