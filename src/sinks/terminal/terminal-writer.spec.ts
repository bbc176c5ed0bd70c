import { jest } from '@jest/globals';
import { PassThrough, Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { TerminalWriter } from './terminal-writer.js';

const listeners = (stream: Writable): number =>
  stream.eventNames().reduce((count, name) => count + stream.listenerCount(name), 0);

const brokenPipe = (): Error => Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });

/** A stream whose every write waits for `release`. */
class SlowStream extends Writable {
  written = '';
  release: (error?: Error) => void = () => {};

  constructor() {
    super({ highWaterMark: 4, autoDestroy: false });
  }

  override _write(chunk: Buffer, _encoding: string, callback: (error?: Error) => void): void {
    this.release = (error) => {
      if (error === undefined) this.written += chunk.toString();
      callback(error);
    };
  }
}

describe('TerminalWriter', () => {
  it('waits while the stream is full and resolves when the text is out', async () => {
    const stream = new SlowStream();
    const writer = new TerminalWriter(stream);
    const settled = jest.fn();
    const written = writer.write('more than four').then(settled);
    await nextTurn();
    expect(stream.writableNeedDrain).toBe(true);
    expect(settled).not.toHaveBeenCalled();
    stream.release();
    await written;
    expect(stream.written).toBe('more than four');
  });

  it('resolves an empty write when those before it are out', async () => {
    const stream = new SlowStream();
    const writer = new TerminalWriter(stream);
    const settled = jest.fn();
    const written = writer.write('text');
    const flushed = writer.write('').then(settled);
    await nextTurn();
    expect(settled).not.toHaveBeenCalled();
    stream.release();
    await Promise.all([written, flushed]);
  });

  it('rejects the write that failed, survives the error and tries the next', async () => {
    const stream = new SlowStream();
    const writer = new TerminalWriter(stream);
    const failed = writer.write('lost');
    stream.release(brokenPipe());
    await expect(failed).rejects.toThrow('EPIPE');
    await expect(writer.write('')).resolves.toBeUndefined();
  });

  it('rejects every write to a stream that is gone', async () => {
    const stream = new PassThrough();
    const writer = new TerminalWriter(stream);
    stream.destroy(brokenPipe());
    await expect(writer.write('one')).rejects.toThrow();
    await nextTurn();
    await expect(writer.write('two')).rejects.toMatchObject({ code: 'ERR_STREAM_DESTROYED' });
  });

  it('rejects a write that is under way when the stream closes', async () => {
    const stream = new SlowStream();
    const writer = new TerminalWriter(stream);
    const failed = writer.write('lost');
    stream.destroy();
    await expect(failed).rejects.toThrow('closed before');
  });

  it('rejects a write that is under way when it is closed, and outlives its error', async () => {
    const stream = new SlowStream();
    const writer = new TerminalWriter(stream);
    const failed = writer.write('lost');
    writer.close();
    await expect(failed).rejects.toThrow('sink was closed');
    stream.release(brokenPipe());
    await nextTurn();
    expect(stream.errored).toMatchObject({ code: 'EPIPE' });
  });

  it('leaves the stream open and without listeners of its own', async () => {
    const stream = new PassThrough();
    const before = listeners(stream);
    const writer = new TerminalWriter(stream);
    await writer.write('text');
    expect(listeners(stream)).toBeGreaterThan(before);
    writer.close();
    expect(listeners(stream)).toBe(before);
    expect(stream.writable).toBe(true);
  });

  it('leaves no listener after a write that failed', async () => {
    const stream = new SlowStream();
    const before = listeners(stream);
    const writer = new TerminalWriter(stream);
    const failed = writer.write('lost');
    stream.release(brokenPipe());
    await expect(failed).rejects.toThrow('EPIPE');
    writer.close();
    await nextTurn();
    expect(listeners(stream)).toBe(before);
  });
});
