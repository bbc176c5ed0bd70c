import { PassThrough, Writable } from 'node:stream';
import { LogEntry } from '../../entry/log-entry.js';
import { DEFAULT_TOKENS as tokens, SPECIAL_TOKENS } from '../../entry/special-tokens.js';
import { TerminalSink } from './terminal.sink.js';

const chat = (sessionId: string, message: string): LogEntry => new LogEntry('p-1', sessionId, message);
const log = (sessionId: string, message: string): LogEntry =>
  new LogEntry('p-2', sessionId, message, undefined, 'log');

describe('TerminalSink, batches', () => {
  it('writes a batch at once', async () => {
    const writes: string[] = [];
    const stream = new Writable({
      highWaterMark: 1,
      write: (chunk: Buffer, _encoding, done) => {
        writes.push(chunk.toString());
        done();
      },
    });
    const sink = new TerminalSink({ tokens, stream });
    await sink.write([chat('s1', 'a'), chat('s2', 'b'), chat('s1', '<think>'), chat('s1', 'c</end>')]);
    await sink.write([chat('s1', '<think>')]);
    expect(writes).toEqual(['a\n[s2] b\n[s1] c\n']);
    await sink.close();
  });

  it('rejects when the stream fails and when it is gone', async () => {
    const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error('write EPIPE')) });
    const sink = new TerminalSink({ tokens, stream });
    await expect(sink.write([chat('s1', 'a')])).rejects.toThrow('EPIPE');
    await expect(sink.write([chat('s1', 'b')])).rejects.toThrow();
    await sink.close();
  });
});

describe('TerminalSink, handler', () => {
  it('is given text and tokens apart, tags and log lines; nothing goes to the stream', async () => {
    const given: string[] = [];
    const handler = (message: string): undefined => void given.push(message);
    const entries = [
      chat('s1', '<think>hm\x1b</th'),
      chat('s1', 'ink>yes'),
      chat('s2', 'no<'),
      log('s2', 'Hello'),
    ];
    const stream = new PassThrough();
    const sink = new TerminalSink({ tokens, stream, handler });
    await sink.write(entries);
    await sink.flush();
    expect(stream.readableLength).toBe(0);
    expect(given.slice(0, 6)).toEqual(['<think>', 'hm\\x1b', '</think>', 'yes', '\n[s2] ', 'no']);
    expect(given[6]).toMatch(/^\n\[SessionLogger\].* Hello - .*\n$/);
    expect(given.slice(7)).toEqual(['<']);
  });

  it('that throws misses its piece only; write rejects with the count', async () => {
    const given: string[] = [];
    const handler = (message: string): string => {
      if (SPECIAL_TOKENS.includes(message)) throw new Error(`no ${message}`);
      return String(given.push(message));
    };
    const sink = new TerminalSink({ tokens, handler, stream: new PassThrough() });
    const written = sink.write([chat('s1', '<think>a</think>'), chat('s1', 'b')]);
    await expect(written).rejects.toMatchObject({
      message: 'The terminal handler threw for 2 of 4 pieces.',
      cause: new Error('no <think>'),
    });
    expect(given).toEqual(['a', 'b']);
    await expect(sink.write([chat('s1', 'c')])).resolves.toBeUndefined();
  });
});
