import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { runInSession, type LogEntry } from 'nestjs-session-logger';
import { redisStore } from 'nestjs-session-logger/redis';
import { cleanUp } from '../support/clean-up.js';
import { EventStream, isEvent } from '../support/event-stream.js';
import { hasRedis, NO_REDIS, RedisServer } from '../support/redis-server.js';
import { printed } from '../support/printed.js';
import { tempDir } from '../support/temp-dir.js';
import { startApp, type TestApp } from '../support/test-app.js';
import { useNestLogger } from '../support/use-nest-logger.js';

const CANARIES = {
  sk: 'sk-proj-CANARYabcdefGHIJKL012345',
  bearer: 'Bearer CANARY.abcDEF123_456~789',
  jwt: 'eyJhbGciOiJIUzI1NiJ9.CANARYeyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w',
  email: 'jane.canary@mail.example.com',
  card: '5500 0000 0000 0004',
};
/** What of a canary must not be seen anywhere: its second half. */
const tailOf = (canary: string): string => canary.slice(canary.length / 2);

jest.setTimeout(120_000);
afterEach(cleanUp);

interface Outputs extends TestApp {
  /** Everything that anybody was shown, by whom it was. */
  shown(): Promise<Record<string, string>>;
}

/** An application with all outputs at once; what Nest's logger prints goes to stdout, which is kept. */
async function start(url: string): Promise<Outputs> {
  const dir = tempDir();
  const sunk: LogEntry[] = [];
  const terminal = printed();
  const app = await startApp(
    {
      files: { dir },
      terminal: true,
      store: redisStore({ url }),
      sinks: [{ name: 'own', write: (entries) => void sunk.push(...entries) }],
      redact: { patterns: ['sk', 'bearer', 'jwt', 'email', 'card'], holdMs: 60_000 },
      context: { capture: true },
      http: { history: true, list: true },
    },
    { configure: useNestLogger },
  );
  const shown = async (): Promise<Record<string, string>> => {
    const files = readdirSync(dir).map((name) => readFileSync(join(dir, name), 'utf8'));
    return {
      files: files.join(''),
      terminal: terminal(),
      sinks: JSON.stringify(sunk),
      redis: await dumpOf(url),
    };
  };
  return { ...app, shown };
}

/** All that a Redis server keeps, as it keeps it. */
async function dumpOf(url: string): Promise<string> {
  const redis = new Redis(url);
  try {
    const keys = await redis.keys('*');
    const types = await Promise.all(keys.map((key) => redis.type(key)));
    const values = await Promise.all(
      keys.map((key, at) => {
        if (types[at] === 'stream') return redis.xrange(key, '-', '+');
        if (types[at] === 'hash') return redis.hgetall(key);
        return redis.get(key).catch(() => types[at]);
      }),
    );
    return JSON.stringify({ keys, values });
  } finally {
    redis.disconnect();
  }
}

/** All that a client of a session is given, to the session's end. */
async function streamOf(url: string, sessionId: string): Promise<string> {
  const stream = await EventStream.open(`${url}/logs/${sessionId}`);
  return JSON.stringify(await stream.until(isEvent('end')));
}

const describeRedis = hasRedis ? describe : describe.skip;

describeRedis.each(Object.entries(CANARIES))(
  `a canary of the kind %s${hasRedis ? '' : ` ${NO_REDIS}`}`,
  (kind, canary) => {
    let redis: RedisServer;

    beforeEach(async () => {
      redis = await RedisServer.start();
    });

    afterEach(async () => {
      await cleanUp();
      await redis.stop();
    });

    it(`is seen nowhere, wherever it is split, in one turn or in several`, async () => {
      const { logs, url, shown } = await start(redis.url);
      const ids: string[] = [];
      for (let at = 1; at < canary.length; at++) {
        for (const turns of [0, 1]) {
          const id = `${kind}-${at}-${turns}`;
          ids.push(id);
          for (const piece of [`It is ${canary.slice(0, at)}`, `${canary.slice(at)} it is. `]) {
            void logs.logChunkToQueue(piece, id);
            if (turns > 0) await turn();
          }
          void logs.endSession(id, { error: new Error(`It was ${canary}`) });
        }
      }
      const live = ids.map((id) => streamOf(url, id));
      await logs.flush();
      const streams = (await Promise.all(live)).join('');
      const histories = await Promise.all(
        ids.map((id) => fetch(`${url}/logs/${id}/history`).then((answer) => answer.text())),
      );
      const all = { ...(await shown()), streams, histories: histories.join('') };
      for (const [output, text] of Object.entries(all)) {
        expect(`${output}: ${leak(text, canary)}`).toBe(`${output}: nothing`);
        expect(text.split('It is [REDACTED]').length - 1).toBe(ids.length);
      }
    });

    it(`is seen nowhere, whatever part of an entry or a line it stands in`, async () => {
      const { logs, url, shown } = await start(redis.url);
      await logs.logEntryToQueue({
        sessionId: 'parts',
        message: `log ${canary}.`,
        logType: 'log',
        context: `of ${canary}`,
        data: { text: canary, list: [{ deep: `a ${canary}` }], [canary]: 1 },
      });
      const error = new Error(`It broke at ${canary}`, { cause: new Error(canary) });
      runInSession('parts', () => new Logger(`Of ${canary}`).error(error, { of: canary }, canary));
      new Logger('Outside').warn(canary);
      await logs.cancelSession('parts', `stopped at ${canary}`);
      await logs.flush();
      const stream = await streamOf(url, 'parts');
      const history = await fetch(`${url}/logs/parts/history`).then((answer) => answer.text());
      for (const [output, text] of Object.entries({ ...(await shown()), stream, history })) {
        expect(`${output}: ${leak(text, canary)}`).toBe(`${output}: nothing`);
      }
    });

    it(`shows at most what stands before its prefix is complete where it comes letter by letter and is forced out after each`, async () => {
      const { logs, url, shown } = await start(redis.url);
      for (const letter of `It is ${canary} it is. `) {
        void logs.logChunkToQueue(letter, 'letters');
        await logs.distribute({ finite: true });
      }
      await logs.endSession('letters');
      await logs.flush();
      const messages: string[] = [];
      for await (const message of logs.getSessionLogs('letters')) messages.push(message);
      const text = messages.join('');
      expect(leak(text, canary)).toBe('nothing');
      for (const [output, given] of Object.entries({
        ...(await shown()),
        stream: await streamOf(url, 'letters'),
      })) {
        expect(`${output}: ${leak(given, canary)}`).toBe(`${output}: nothing`);
      }
    });
  },
);

function leak(text: string, canary: string): string {
  const at = text.indexOf(tailOf(canary));
  return at === -1 ? 'nothing' : text.slice(Math.max(0, at - 60), at + 40);
}
