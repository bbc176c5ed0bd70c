import * as fs from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { cleanUp } from '../../../test/support/clean-up.js';
import { tempDir } from '../../../test/support/temp-dir.js';
import { formatDropNotice } from './line-format.js';
import { readLogFiles, type ReadLogFilesOptions } from './read-log-files.js';

afterEach(cleanUp);

describe('readLogFiles', () => {
  let dir: string;

  beforeEach(() => {
    dir = tempDir();
  });

  const line = (message: string, sessionId = 's', timestamp = '2026-11-22T12:00:00.000Z'): string =>
    `${JSON.stringify({ uid: `p-${message}`, timestamp, sessionId, logType: 'chat', message })}\n`;
  const write = (name: string, content: string): void => {
    fs.writeFileSync(join(dir, name), name.endsWith('.gz') ? gzipSync(content) : content);
  };
  const read = async (
    options: ReadLogFilesOptions = {},
  ): Promise<{ messages: string[]; skipped: number }> => {
    const reader = readLogFiles({ dir, ...options });
    const messages: string[] = [];
    for await (const { message } of reader) messages.push(message);
    return { messages, skipped: reader.skipped };
  };

  it('reads all files in the order in which they were written, and no others', async () => {
    write('2026-11-22.log', line('5'));
    write('2026-11-21.10.log', line('4'));
    write('2026-11-21.2.log.gz', line('3'));
    write('2026-11-21.log', line('2'));
    write('2026-11-20.log.gz', line('0') + line('1'));
    write('2026-11-20.log.gz.0123abcd.tmp', line('draft'));
    write('notes.log', line('other'));
    expect(await read()).toEqual({ messages: ['0', '1', '2', '3', '4', '5'], skipped: 0 });
  });

  it('gives the entries as they were written', async () => {
    const message = 'a\r\n\u2028\u0000漢🙂'.repeat(50_000);
    write('2026-11-22.log', line(message));
    for await (const entry of readLogFiles({ dir })) expect(entry).toEqual(JSON.parse(line(message)));
    expect((await read()).messages).toEqual([message]);
  });

  it('passes over torn lines and what is no entry, and counts them; what the file says of itself is neither', async () => {
    const torn = line('torn').slice(0, -10);
    write(
      '2026-11-22.log',
      `${line('a')}${torn}\n${formatDropNotice(3, 'json')}\nnull\n{"a":1}\n${line('b')}${torn}`,
    );
    expect(await read()).toEqual({ messages: ['a', 'b'], skipped: 4 });
  });

  it('counts anew each time it is iterated', async () => {
    write('2026-11-22.log', 'torn\n');
    const reader = readLogFiles({ dir });
    for (const _ of [1, 2]) for await (const entry of reader) expect(entry).toBeUndefined();
    expect(reader.skipped).toBe(1);
  });

  it('reads a damaged archive as far as it goes', async () => {
    const whole = gzipSync(line('a') + line('b').repeat(50_000));
    fs.writeFileSync(join(dir, '2026-11-22.log.gz'), whole.subarray(0, whole.length - 20));
    write('2026-11-23.log', line('c'));
    const { messages, skipped } = await read();
    expect([messages[0], messages.at(-1)]).toEqual(['a', 'c']);
    expect(skipped).toBe(1);
  });

  describe('where a log and its archive are there', () => {
    it.each([
      ['equal', ['a', 'b'], ['a', 'b'], ['a', 'b']],
      ['of a log that has grown since', ['a'], ['a', 'b'], ['a', 'b']],
      ['different', ['a', 'b'], ['c'], ['a', 'b', 'c']],
      ['an empty archive', [], ['a'], ['a']],
      ['a log shorter than its archive', ['a', 'b'], ['a'], ['a', 'b', 'a']],
    ])('%s: reads each line once', async (_case, archived, logged, expected) => {
      write('2026-11-22.log.gz', archived.map((one) => line(one)).join(''));
      write('2026-11-22.log', logged.map((one) => line(one)).join(''));
      expect((await read()).messages).toEqual(expected);
    });
  });

  it('reads a log that is compressed meanwhile', async () => {
    write('2026-11-21.log', line('a') + line('b'));
    write('2026-11-22.log', line('c'));
    write('2026-11-23.log.gz', line('d'));
    write('2026-11-23.log', line('d'));
    const messages: string[] = [];
    for await (const { message } of readLogFiles({ dir })) {
      messages.push(message);
      if (message !== 'a') continue;
      write('2026-11-22.log.gz', line('c'));
      fs.unlinkSync(join(dir, '2026-11-22.log'));
      fs.unlinkSync(join(dir, '2026-11-23.log'));
    }
    expect(messages).toEqual(['a', 'b', 'c', 'd']);
  });

  it('reads on behind its archive in a log that comes back with the same lines', async () => {
    write('2026-11-22.log.gz', line('a') + line('b'));
    const messages: string[] = [];
    for await (const { message } of readLogFiles({ dir })) {
      if (message === 'a') write('2026-11-22.log', line('a') + line('b') + line('c'));
      messages.push(message);
    }
    expect(messages).toEqual(['a', 'b', 'c']);
  });

  it('gives what is wanted by session and time, from inclusive, to exclusive', async () => {
    const at = (hour: number): string => `2026-11-22T${hour}:00:00.000Z`;
    write(
      '2026-11-22.log',
      [10, 11, 12, 13].map((hour) => line(String(hour), 's', at(hour))).join('') + line('x', 't'),
    );
    expect((await read({ sessionId: 't' })).messages).toEqual(['x']);
    const times = { from: at(11), to: new Date(at(13)) };
    expect((await read({ sessionId: 's', ...times })).messages).toEqual(['11', '12']);
  });

  it('finds nothing where there is no directory, and stops where its reader does', async () => {
    expect(await read({ dir: join(dir, 'none') })).toEqual({ messages: [], skipped: 0 });
    write('2026-11-22.log', line('a').repeat(10_000));
    for await (const { message } of readLogFiles({ dir })) {
      expect(message).toBe('a');
      break;
    }
  });

  it.each(['from', 'to'] as const)('refuses %s that is no time, at the call', (option) => {
    const refused = expect.objectContaining({ code: 'INVALID_READ_OPTION', details: { option } });
    expect(() => readLogFiles({ dir, [option]: 'yesterday' })).toThrow(refused);
  });
});
