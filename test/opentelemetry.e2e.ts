import { readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { trace } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { Logger } from '@nestjs/common';
import {
  getSessionLoggerToken,
  runInSession,
  SessionLoggerModule,
  type SessionLoggerService,
  type LogSink,
  type SessionLoggerOptions,
  type SessionLoggerStats,
  type SessionTelemetry,
} from 'nestjs-session-logger';
import { openTelemetry } from 'nestjs-session-logger/opentelemetry';
import { cleanUp, onCleanUp } from './support/clean-up.js';
import { EventStream } from './support/event-stream.js';
import { tempDir } from './support/temp-dir.js';
import { logChat, startApp, type TestApp } from './support/test-app.js';
import { useNestLogger } from './support/use-nest-logger.js';

afterEach(cleanUp);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Measured extends TestApp {
  /** What Prometheus would be told: the value of a series. */
  value(series: string): Promise<number | undefined>;
}

/** A meter provider that Prometheus reads. */
async function meter(): Promise<Pick<Measured, 'value'> & { meterProvider: MeterProvider }> {
  const port = await freePort();
  const exporter = new PrometheusExporter({ host: '127.0.0.1', port, preventServerStart: true });
  await exporter.startServer();
  const meterProvider = new MeterProvider({ readers: [exporter] });
  onCleanUp(() => meterProvider.shutdown());
  const value = async (series: string): Promise<number | undefined> => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const [name = '', label = ''] = series.split('|');
    const line = text.split('\n').find((one) => new RegExp(`^${name}[{ ]`).test(one) && one.includes(label));
    return line === undefined ? undefined : Number(line.split(' ').at(-1));
  };
  return { meterProvider, value };
}

async function start(options: SessionLoggerOptions = {}): Promise<Measured> {
  const { meterProvider, value } = await meter();
  return { ...(await startApp({ telemetry: openTelemetry({ meterProvider }), ...options })), value };
}

describe('openTelemetry', () => {
  it('tells Prometheus what was accepted, refused, distributed and held', async () => {
    const { logs, value } = await start();
    await logChat(logs, 'a', '1', '2', '3');
    await logChat(logs, 'b', '4');
    await logs.logChunkToQueue('x', 'no id').catch(() => {});
    const reader = logs.getSessionLogs('a');
    onCleanUp(() => reader.return!());
    expect(await value('session_logger_entry_accepted_total')).toBe(4);
    expect(await value('session_logger_entry_refused_total')).toBe(1);
    expect(await value('session_logger_entry_distributed_total')).toBe(4);
    expect(await value('session_logger_queue_length')).toBe(0);
    expect(await value('session_logger_session_count')).toBe(2);
    expect(await value('session_logger_reader_count')).toBe(1);
    expect(await value('session_logger_retained_count')).toBe(4);
    expect(await value('session_logger_retained_size')).toBe(logs.stats().retained.bytes);
    expect(await value('session_logger_trouble_count_total|kind="refused"')).toBe(1);
  });

  it('tells two loggers apart', async () => {
    const { meterProvider, value } = await meter();
    const audit = SessionLoggerModule.forRoot({
      name: 'audit',
      files: false,
      http: false,
      telemetry: openTelemetry({ meterProvider }),
    });
    const { app, logs } = await startApp(
      { telemetry: openTelemetry({ meterProvider }) },
      { imports: [audit] },
    );
    await logChat(logs, 's', '1', '2', '3');
    await logChat(app.get<SessionLoggerService>(getSessionLoggerToken('audit')), 's', '4');
    expect(await value('session_logger_entry_accepted_total|session_logger_name="audit"')).toBe(1);
    expect(await value('session_logger_entry_accepted_total')).toBe(3);
  });

  it('tells of each sink, and of the store, what became of entries', async () => {
    const broken: LogSink = {
      name: 'broken',
      write: () => {
        throw new Error('no warehouse');
      },
    };
    const { logs, value } = await start({ sinks: [broken, { name: 'good', write: () => {} }] });
    await logChat(logs, 'a', '1', '2');
    expect(await value('session_logger_sink_failed_total|name="broken"')).toBe(2);
    expect(await value('session_logger_sink_written_total|name="good"')).toBe(2);
    expect(await value('session_logger_sink_written_total|name="store"')).toBe(2);
    expect(await value('session_logger_sink_pending|name="good"')).toBe(0);
  });

  it('measures deliveries to those who follow live, and no history', async () => {
    const { logs, url, value } = await start();
    await logChat(logs, 'a', '1', '2', '3');
    const stream = await EventStream.open(`${url}/logs/a`);
    await stream.entries(3);
    const iterator = logs.getSessionLogs('a');
    for (let n = 0; n < 3; n++) await iterator.next();
    expect(await value('session_logger_delivery_duration_count')).toBeUndefined();
    const next = iterator.next();
    await logChat(logs, 'a', '4');
    await stream.entries(1);
    await next;
    expect(await value('session_logger_delivery_duration_count')).toBe(2);
    expect(await value('session_logger_delivery_duration_sum')).toBeLessThan(60);
  });

  it('ends with its application, and begins with another', async () => {
    const { logs, value, close } = await start();
    await logChat(logs, 'a', '1');
    await close();
    expect(await value('session_logger_entry_accepted_total')).toBeUndefined();
    const again = await start();
    await logChat(again.logs, 'a', '1', '2');
    expect(await again.value('session_logger_entry_accepted_total')).toBe(2);
  });

  it('names the trace and the span around the caller in log entries, in stream and file, and not in chat', async () => {
    const provider = new NodeTracerProvider();
    provider.register();
    onCleanUp(async () => {
      trace.disable();
      await provider.shutdown();
    });
    const dir = tempDir();
    const { app, logs, url } = await startApp({
      files: { dir },
      telemetry: openTelemetry(),
      terminal: { handler: () => {} },
      context: { capture: true },
    });
    useNestLogger(app);
    const stream = await EventStream.open(`${url}/logs/a`);
    const span = provider.getTracer('test').startActiveSpan('work', (active) => {
      void logs.logEntryToQueue({ sessionId: 'a', message: 'in a span', logType: 'log' });
      void logs.logChunkToQueue('chat', 'a');
      runInSession('a', () => new Logger('MyAgent').log('by Nest'));
      active.end();
      return active.spanContext();
    });
    await logs.logEntryToQueue({ sessionId: 'a', message: 'outside', logType: 'log' });
    const ids = { traceId: span.traceId, spanId: span.spanId };
    const [inside, chat, nest, outside] = await stream.entries(4);
    expect(inside).toMatchObject({ message: 'in a span', ...ids });
    expect(nest).toMatchObject({ message: 'by Nest', ...ids });
    for (const entry of [chat, outside]) expect(entry).not.toHaveProperty('traceId');
    await logs.flush();
    const text = readdirSync(dir).map((name) => readFileSync(join(dir, name), 'utf8'));
    expect(text.join('').split(`"traceId":"${span.traceId}","spanId":"${span.spanId}"`)).toHaveLength(3);
  });

  it('ends once all is written, what comes while the application closes included', async () => {
    const failed: number[] = [];
    let read!: () => SessionLoggerStats;
    const telemetry: SessionTelemetry = {
      start: (stats) => (read = stats),
      activeSpan: () => undefined,
      delivered: () => {},
      stop: () => failed.push(read().sinks['broken']!.failed),
    };
    const sinks = [{ name: 'broken', write: () => Promise.reject(new Error('no disk')) }];
    const { logs, close } = await startApp({ telemetry, sinks, autoStart: false });
    await logs.logChunkToQueue('last words', 'a');
    await close();
    expect(failed).toEqual([1]);
  });

  it('serves one application at a time', async () => {
    const telemetry = openTelemetry({ meterProvider: new MeterProvider() });
    const first = await startApp({ telemetry });
    const second = await startApp({ telemetry });
    expect(second.logger.warnings).toEqual([expect.stringContaining('one openTelemetry() for each')]);
    await Promise.all([first.close(), second.close()]);
    const third = await startApp({ telemetry });
    expect(third.logger.warnings).toEqual([]);
  });

  it('takes nothing down that throws', async () => {
    const fail = (): never => {
      throw new Error('no collector');
    };
    const telemetry: SessionTelemetry = { start: fail, activeSpan: fail, delivered: fail, stop: fail };
    const { logs, url, close } = await startApp({ telemetry });
    const messages = logs.getSessionLogs('a');
    const next = messages.next();
    const stream = await EventStream.open(`${url}/logs/a`);
    await logs.logEntryToQueue({ sessionId: 'a', message: 'logged', logType: 'log' });
    expect(await next).toEqual({ done: false, value: 'logged' });
    expect(await stream.entries(1)).toMatchObject([{ message: 'logged' }]);
    expect(logs.stats().troubles['telemetry']).toBeGreaterThan(1);
    await messages.return?.();
    await close();
  });

  it('is refused where it is none', async () => {
    const starting = async (): Promise<unknown> => startApp({ telemetry: {} as SessionTelemetry });
    await expect(starting()).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });
});
