import { createHash } from 'node:crypto';
import { parsePosition } from '../../entry/position.js';

/** In place of a position: the session was deleted, and nothing was logged to it since. */
export const DELETED = '-';

/** Where a client stands in each of several sessions: positions, or {@link DELETED}. */
export type Positions = Map<string, string>;

/** Characters of a session's name in an id: 48 bits tell the few sessions of one stream from each other. */
const NAME_LENGTH = 8;

/** What a session is called in an id, which every event has and which is to be short whatever sessions are called. */
export function nameInId(sessionId: string): string {
  return createHash('sha256').update(sessionId).digest('base64url').slice(0, NAME_LENGTH);
}

/** Reads an id: positions by names. What is none is left out. */
export function parseCompositeId(id: string): Positions {
  const positions: Positions = new Map();
  for (const part of id.split(',')) {
    const name = part.slice(0, NAME_LENGTH);
    const position = part.slice(NAME_LENGTH + 1);
    if (part[NAME_LENGTH] === '=' && isPlace(position)) positions.set(name, position);
  }
  return positions;
}

function isPlace(text: string): boolean {
  return text === DELETED || parsePosition(text) !== undefined;
}

/** The id of a stream of several sessions: `<name>=<position>`, separated by commas. It changes by one part at a time. */
export class CompositeId {
  private readonly parts = new Map<string, string>();

  set(sessionId: string, position: string): void {
    this.parts.set(sessionId, `${nameInId(sessionId)}=${position}`);
  }

  get text(): string {
    return [...this.parts.values()].join(',');
  }
}
