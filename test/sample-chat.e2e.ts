import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INestApplication } from '@nestjs/common';
import type { LogEntry, SessionLoggerService } from 'nestjs-session-logger';
import request from 'supertest';
import { Gate, LOGS_DIR, ScriptedModel, startSampleApp } from './support/sample-app.js';

/** What a session holds, in short. */
interface Told {
  texts: string;
  logs: string[];
}

describe('POST /chat of the sample app', () => {
  const model = new ScriptedModel(() => []);
  let app: INestApplication;
  let url: string;
  let sessions: SessionLoggerService;

  beforeAll(async () => {
    ({ app, url, sessions } = await startSampleApp(model));
  });

  afterAll(async () => {
    await app.close();
  });

  function post(body: object): request.Test {
    return request(url).post('/chat').send(body);
  }

  async function ask(message: string, sessionId?: string): Promise<string> {
    const { body } = await post({ message, sessionId }).expect(202);
    return (body as { sessionId: string }).sessionId;
  }

  /** Reads a session to its end. */
  async function read(sessionId: string): Promise<Told> {
    const entries: LogEntry[] = [];
    for await (const entry of sessions.getSessionEntries(sessionId, { from: 'start' })) entries.push(entry);
    return {
      texts: entries.flatMap(({ logType, message }) => (logType === 'chat' ? [message] : [])).join('|'),
      logs: entries.flatMap(({ logType, level, message }) =>
        logType === 'log' ? [`${level}: ${message}`] : [],
      ),
    };
  }

  it('answers 202 at once and streams the reply into the session', async () => {
    const gate = new Gate();
    model.script = async function* (signal) {
      await gate.passed(signal);
      yield* ['<start>', 'Be', 'cause', '</end>'];
    };
    const sessionId = await ask('Why?');
    gate.open();
    const { texts, logs } = await read(sessionId);
    expect(texts).toBe('Why?|<start>|Be|cause|</end>');
    expect(logs).toEqual([
      'debug: Asking the model',
      expect.stringMatching(/^log: First token after \d+ ms$/),
      'log: Reply completed',
    ]);
  });

  it('shows the model the conversation so far', async () => {
    model.script = () => ['<start><think>Hm</think>', 'Because.</end>'];
    const sessionId = await ask('Why?');
    await read(sessionId);
    expect(await ask('And then?', sessionId)).toBe(sessionId);
    await read(sessionId);
    expect(model.conversation).toEqual([
      { role: 'user', content: 'Why?' },
      { role: 'assistant', content: 'Because.' },
      { role: 'user', content: 'And then?' },
    ]);
  });

  it('takes one question at a time in a session', async () => {
    const gate = new Gate();
    model.script = async function* (signal) {
      yield 'a';
      await gate.passed(signal);
    };
    const sessionId = await ask('Why?');
    await post({ message: 'And?', sessionId }).expect(409);
    await ask('Elsewhere?').then(() => gate.open());
    await read(sessionId);
    await post({ message: 'And now?', sessionId }).expect(202);
  });

  it('ends the session with the error of a model that fails', async () => {
    model.script = function* () {
      yield 'Half a';
      throw new Error('The model is gone');
    };
    const sessionId = await ask('Why?');
    await expect(
      (async () => {
        for await (const _ of sessions.getSessionLogs(sessionId, { from: 'start', throwOnError: true }));
      })(),
    ).rejects.toThrow('The model is gone');
    expect((await read(sessionId)).logs.at(-1)).toBe('error: Reply failed');
  });

  it.each([
    [{}],
    [{ message: '' }],
    [{ message: ' \n' }],
    [{ message: 7 }],
    [{ message: 'Why?', sessionId: '..' }],
    [{ message: 'Why?', sessionId: 'a b' }],
    [{ message: 'Why?', sessionId: ['a'] }],
    [{ message: 'Why?', more: true }],
  ])('refuses %j', async (body) => {
    const before = sessions.stats().accepted;
    await post(body).expect(400);
    expect(sessions.stats().accepted).toBe(before);
  });

  it('takes a message of 8,000 characters and refuses a longer one', async () => {
    await post({ message: 'x'.repeat(8_000) }).expect(202);
    await post({ message: 'x'.repeat(8_001) }).expect(400);
  });

  it('has the lines in the daily file', async () => {
    model.script = () => ['In the file.'];
    await read(await ask('Where?'));
    await sessions.flush();
    const file = readdirSync(LOGS_DIR).find((name) => /^\d{4}-\d\d-\d\d\.log$/.test(name));
    expect(readFileSync(join(LOGS_DIR, file!), 'utf8')).toContain('"In the file."');
  });

  it('serves the page and nothing beside it, under a strict policy', async () => {
    const page = await request(url).get('/').expect(200).expect('Content-Type', 'text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'self'; /);
    await request(url).get('/chat.js').expect(200).expect('Content-Type', 'text/javascript; charset=utf-8');
    await request(url).get('/..%2fpackage.json').expect(404);
    await request(url).get('/none.js').expect(404);
  });
});

describe('shutdown of the sample app', () => {
  it('cancels a running reply and ends its session', async () => {
    const model = new ScriptedModel(async function* (signal) {
      yield 'Half a';
      await new Gate().passed(signal);
    });
    const { app, url, sessions } = await startSampleApp(model);
    const { body } = await request(url).post('/chat').send({ message: 'Why?' }).expect(202);
    const { sessionId } = body as { sessionId: string };
    const entries = sessions.getSessionEntries(sessionId, { from: 'start' });
    const messages: string[] = [];
    const read = (async () => {
      for await (const { message } of entries) messages.push(message);
    })();
    await app.close();
    await read;
    expect(messages.at(-1)).toBe('Reply cancelled: the application is shutting down');
  });
});
