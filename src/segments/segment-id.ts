import { formatPosition, parsePosition } from '../entry/position.js';

/** Where one who follows segments is: behind some of the changes of one record, or all of them. */
export interface SegmentPlace {
  /** Position up to which all records are behind it. */
  readonly after: string;
  /** How many changes of the next record are. */
  readonly changes: number;
}

/** The id of a change: the position of its record, where it is not the last one with the number of those told by then. */
export function segmentId(position: string, index: number, changes: number): string {
  return index === changes - 1 ? position : `${position}.${index + 1}`;
}

/** Reads an id; undefined where it is none. */
export function parseSegmentId(id: string): SegmentPlace | undefined {
  const [, text = '', part] = /^([^.]*)(?:\.(\d{1,9}))?$/.exec(id) ?? [];
  const position = parsePosition(text);
  if (position === undefined) return undefined;
  if (part === undefined) return { after: text, changes: 0 };
  if (position.offset < 1) return undefined;
  return { after: formatPosition(position.epoch, position.offset - 1), changes: Number(part) };
}
