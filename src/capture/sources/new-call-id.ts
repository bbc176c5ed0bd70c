import { randomUUID } from 'node:crypto';

/** An id for a call of a tool to which its server gave none: no other call of the session has it. */
export function newCallId(): string {
  return `call-${randomUUID()}`;
}
