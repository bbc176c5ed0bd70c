/**
 * Why entries cannot be given: the position was not one of ours (`malformed`), belongs to a log that is
 * gone (`epoch`), lies after the newest record (`future`), or what followed it was dropped to keep the
 * log within its bounds (`evicted`).
 */
export type GapReason = 'malformed' | 'epoch' | 'future' | 'evicted';

/** Entries that a reader can no longer get. Always told, never silent. */
export interface Gap {
  readonly reason: GapReason;
  /** Position after which reading goes on: the one before the oldest retained record. */
  readonly resumedAt: string;
  /** How many records are missing, or null where that cannot be known. */
  readonly missed: number | null;
}
