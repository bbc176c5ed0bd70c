import fc from 'fast-check';
import { createParser } from 'eventsource-parser';
import { EventParser, type StreamEvent } from './event-parser.js';

function parsed(...pieces: string[]): StreamEvent[] {
  const parser = new EventParser();
  return pieces.flatMap((piece) => [...parser.feed(piece)]);
}

const message = (data: string, id?: string): StreamEvent => ({ event: 'message', id, data });

describe('EventParser', () => {
  it('reads names, ids and data of several lines', () => {
    expect(parsed('event: gap\nid: e-1\ndata: {\ndata:  "a"\ndata\n\ndata:b\n\n')).toEqual([
      { event: 'gap', id: 'e-1', data: '{\n "a"\n' },
      message('b'),
    ]);
  });

  it('passes over comments, unknown fields, events without data, and ids with a NUL', () => {
    expect(parsed(': hello\n\nevent: none\nid: 1\n\nretry: 5\nother: x\nid: a\0b\ndata: c\n\n')).toEqual([
      message('c'),
    ]);
  });

  it('knows when one is to come back', () => {
    const parser = new EventParser();
    expect([...parser.feed('retry: 5\nretry: x\n\n')]).toEqual([]);
    expect(parser.retry).toBe(5);
  });

  it('keeps what is not complete', () => {
    expect(parsed('data: a\n', 'data: b')).toEqual([]);
    expect(parsed('data: a\n', 'data: b', '\n\n')).toEqual([message('a\nb')]);
  });

  it('takes every kind of line break, split or not, and a byte order mark at the start alone', () => {
    for (const end of ['\n', '\r', '\r\n']) {
      const text = `\uFEFFdata: a${end}id: 1${end}${end}data: \uFEFFb${end}${end}`;
      expect(parsed(text)).toEqual([message('a', '1'), message('\uFEFFb')]);
      expect(parsed(...text.split(''))).toEqual([message('a', '1'), message('\uFEFFb')]);
    }
  });

  it('gives what another parser gives, however a stream is split', () => {
    const line = fc.oneof(
      fc
        .tuple(fc.constantFrom('data', 'id', 'event', 'other', ''), fc.string())
        .map(([field, value]) => `${field}:${value}`),
      fc.constantFrom('data: x', '', '', 'data', ': c'),
    );
    const lineBreak = fc.constantFrom('\n', '\r\n');
    const stream = fc
      .array(fc.tuple(line, lineBreak))
      .map((lines) => lines.map((one) => one.join('')).join(''));
    fc.assert(
      fc.property(stream, fc.array(fc.nat(200)), (text, cuts) => {
        const at = [0, ...cuts.filter((cut) => cut < text.length).toSorted((a, b) => a - b), text.length];
        const pieces = at.slice(1).map((end, index) => text.slice(at[index], end));
        expect(parsed(...pieces)).toEqual(byAnother(text));
      }),
    );
  });

  it('gives up an event that does not end', () => {
    const parser = new EventParser();
    const feed = (): unknown => [...parser.feed(`data: ${'x'.repeat(40 * 1024 * 1024)}\n`)];
    feed();
    expect(feed).toThrow(RangeError);
  });
});

/** An event without an id is given the one before it there; here ids are those that were sent. */
function byAnother(text: string): StreamEvent[] {
  const events: StreamEvent[] = [];
  const parser = createParser({
    onEvent: ({ event, id, data }) =>
      events.push({ event: event === undefined || event === '' ? 'message' : event, id, data }),
  });
  parser.feed(text);
  return events;
}
