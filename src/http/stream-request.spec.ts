import { BadRequestException } from '@nestjs/common';
import type { SessionRequest } from '../options/authorize.js';
import { readStreamRequest, type StreamRequest } from './stream-request.js';

const read = (query: object = {}, lastEventId?: string, sessionId = 's'): StreamRequest => {
  const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  return readStreamRequest({ params: { sessionId }, query, headers } satisfies SessionRequest);
};

describe('readStreamRequest', () => {
  it('starts at the start and shows everything where nothing is asked for', () => {
    expect(read()).toEqual({
      sessionId: 's',
      view: 'entries',
      format: 'json',
      from: undefined,
      isResume: false,
    });
  });

  it.each<[object, string | undefined, string, boolean]>([
    [{ from: 'now' }, undefined, 'now', false],
    [{ from: 'e-1' }, undefined, 'e-1', true],
    [{ from: 'e-1.2' }, undefined, 'e-1.2', true],
    [{ from: 'now', lastEventId: 'e-2' }, undefined, 'e-2', true],
    [{ from: 'now', lastEventId: 'e-2' }, 'e-3', 'e-3', true],
    [{ from: 'now', lastEventId: '' }, '', 'now', false],
  ])('reads %j with Last-Event-ID %j as from %s', (query, header, from, isResume) => {
    expect(read(query, header)).toMatchObject({ sessionId: 's', from, isResume });
  });

  it.each(['start', 'now', 'e', 'e-01', 'e-1\n'])('takes the id %j for malformed, never for a word', (id) => {
    expect(read({}, id)).toMatchObject({ from: 'malformed', isResume: true });
    expect(read({ lastEventId: id })).toMatchObject({ from: 'malformed', isResume: true });
  });

  it('takes a lastEventId that is no text for malformed', () => {
    expect(read({ lastEventId: ['e-1', 'e-2'] })).toMatchObject({ from: 'malformed', isResume: true });
  });

  it('keeps type, level, view and format', () => {
    const query = { type: 'log', level: 'warn', view: 'segments', format: 'text' };
    expect(read(query)).toMatchObject(query);
  });

  it.each([
    { from: 'later' },
    { from: ['start', 'now'] },
    { type: 'all' },
    { view: 'all' },
    { format: ['json', 'text'] },
    { type: ['chat'] },
    { level: 'info' },
    { level: { toString: 'warn' } },
  ])('refuses %j', (query) => {
    expect(() => read(query)).toThrow(BadRequestException);
  });

  it.each(['', '..', 'a/b', 'a\n', 'a\0', '\u202ea', 'a'.repeat(129)])('refuses the session id %j', (id) => {
    expect(() => read({}, undefined, id)).toThrow(/session id must be 1 to 128 characters/);
  });
});
