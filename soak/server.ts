/** A child: an application with the session logger, and what logs to it. */
import 'reflect-metadata';
import type { AddressInfo, Socket } from 'node:net';
import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SessionLoggerModule, SessionLoggerService, type SessionLoggerOptions } from 'nestjs-session-logger';
import { answer } from './child.js';

/** What is logged, evenly over the sessions `s-0`, `s-1` and so on. */
export interface Load {
  readonly sessions: number;
  /** Entries a second, over all sessions. */
  readonly rate: number;
  /** Characters that follow the time in each message. */
  readonly size: number;
}

export interface Memory {
  readonly rss: number;
  /** What is reachable: heap and buffers. */
  readonly heap: number;
}

/** What the server knows of its clients. */
export interface Clients {
  /** Readers by `stats()`. */
  readonly readers: number;
  readonly sockets: number;
  /** Sockets that take nothing more. */
  readonly stalled: number;
  /** Most bytes that the process holds for one socket. */
  readonly queued: number;
}

/** Entries are logged this often, in milliseconds: all that are due by then. */
const TICK = 5;

@Module({})
class RootModule {}

let logs: SessionLoggerService;
const sockets = new Set<Socket>();
let logged = 0;
const stop = new AbortController();
let logging: Promise<void> = Promise.resolve();

/** Microseconds on a clock that all processes of the machine share. */
function now(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

async function log({ sessions, rate, size }: Load, signal: AbortSignal): Promise<void> {
  const text = 'x'.repeat(size);
  const begun = performance.now();
  const before = logged;
  while (!signal.aborted) {
    const due = before + ((performance.now() - begun) * rate) / 1_000;
    while (logged < due && !signal.aborted) {
      await logs.logChunkToQueue(`${now()} ${text}`, `s-${logged % sessions}`);
      logged++;
    }
    await delay(TICK);
  }
}

const calls = {
  /** Gives the port. */
  start: async (options: SessionLoggerOptions): Promise<number> => {
    const module = SessionLoggerModule.forRoot({ files: false, ...options });
    const app = await NestFactory.create({ module: RootModule, imports: [module] }, { logger: ['error'] });
    const server = app.getHttpServer() as Server;
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    await app.listen(0, '127.0.0.1');
    logs = app.get(SessionLoggerService);
    return (server.address() as AddressInfo).port;
  },
  /** Logs until {@link calls.pause}. */
  log: (load: Load): void => {
    logging = log(load, stop.signal);
  },
  /** Resolves when nothing is logged any more, to how many entries have been. */
  pause: async (): Promise<number> => {
    stop.abort();
    await logging;
    return logged;
  },
  logged: (): number => logged,
  retained: (): number => logs.stats().retained.entries,
  endSessions: async (sessions: number): Promise<void> => {
    for (let n = 0; n < sessions; n++) await logs.endSession(`s-${n}`);
  },
  memory: (): Memory => {
    for (let n = 0; n < 3; n++) globalThis.gc!();
    const { rss, heapUsed, external } = process.memoryUsage();
    return { rss, heap: heapUsed + external };
  },
  clients: (): Clients => {
    const all = [...sockets];
    return {
      readers: logs.stats().readers,
      sockets: all.length,
      stalled: all.filter((socket) => socket.writableNeedDrain).length,
      queued: Math.max(0, ...all.map((socket) => socket.writableLength)),
    };
  },
};

export type ServerCalls = typeof calls;
answer(calls);
