import { types } from 'node:util';
import { MAX_BREADTH } from './copy-room.js';

/** A property or an element; looking at it may throw. */
export interface Member {
  readonly key: string;
  readonly look: () => unknown;
}

/** What something is made of. */
export interface Members {
  readonly isList: boolean;
  readonly first: readonly Member[];
  /** How many there are, of which no more than {@link MAX_BREADTH} stand in `first`. */
  readonly size: number;
}

/** Of a Map its entries, by key where all keys are texts, else as pairs; of an object its own properties. */
export function membersOf(value: object): Members {
  if (Array.isArray(value)) return listMembers(value);
  if (types.isSet(value)) return { ...listMembers(firstOf(value)), size: value.size };
  if (types.isMap(value)) return mapMembers(value);
  const keys = Object.keys(value);
  return namedMembers(keys.slice(0, MAX_BREADTH).map(memberOf(value)), keys.length);
}

/** Members that make an object. */
export function namedMembers(first: readonly Member[], size = first.length): Members {
  return { isList: false, first, size };
}

/** The member of that name. */
export function memberOf(value: object): (key: string) => Member {
  return (key) => ({ key, look: () => (value as Record<string, unknown>)[key] });
}

function listMembers(list: readonly unknown[]): Members {
  const count = Math.min(list.length, MAX_BREADTH);
  const first = Array.from({ length: count }, (_, index) => ({
    key: String(index),
    look: () => list[index],
  }));
  return { isList: true, first, size: list.length };
}

function mapMembers(map: ReadonlyMap<unknown, unknown>): Members {
  const entries = firstOf(map);
  if (!entries.every(([key]) => typeof key === 'string')) return { ...listMembers(entries), size: map.size };
  const first = entries.map(([key, value]) => ({ key: key as string, look: () => value }));
  return namedMembers(first, map.size);
}

function firstOf<T>(values: Iterable<T>): T[] {
  const first: T[] = [];
  for (const value of values) {
    if (first.length === MAX_BREADTH) break;
    first.push(value);
  }
  return first;
}
