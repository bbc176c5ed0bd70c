import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogEntry, SessionLoggerService } from 'nestjs-session-logger';
import request from 'supertest';
import { cleanUp } from './support/clean-up.js';
import { Gate, LOGS_DIR, ScriptedModel, startSampleApp, type SampleApp } from './support/sample-app.js';

/** What a session holds, in short. */
interface Told {
  texts: string;
  logs: string[];
}

/** What the daily file of the app has. */
function inFile(): string {
  const file = readdirSync(LOGS_DIR).find((name) => /^\d{4}-\d\d-\d\d\.log$/.test(name));
  return readFileSync(join(LOGS_DIR, file!), 'utf8');
}

describe('POST /chat of the sample app', () => {
  const model = new ScriptedModel(() => []);
  let app: SampleApp['app'];
  let url: string;
  let sessions: SessionLoggerService;

  beforeAll(async () => {
    ({ app, url, sessions } = await startSampleApp(model));
  });

  afterAll(cleanUp);

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
      yield* ['<think>Hm', '</think>', 'Be', 'cause'];
    };
    const sessionId = await ask('Why?');
    gate.open();
    const { texts, logs } = await read(sessionId);
    expect(texts).toBe('Why?|<start>|<think>|Hm|</think>|Be|cause|</end>');
    expect(logs).toEqual(['debug: Asking the model', 'log: Reply completed']);
  });

  it('shows the model the conversation so far', async () => {
    model.script = () => ['<think>Hm</think>', 'Because.'];
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
    await sessions.flush();
    expect(inFile()).toMatch(new RegExp(`${sessionId}.*"Reply failed".*The model is gone`));
  });

  it('stops a reply when its session is cancelled, and takes the next question', async () => {
    model.script = async function* (signal) {
      yield 'Half a';
      await new Gate().passed(signal);
    };
    const sessionId = await ask('Why?');
    const entries = sessions.getSessionEntries(sessionId, { from: 'start' });
    for await (const { message } of entries) if (message === 'Half a') break;
    await request(url).post(`/logs/${sessionId}/cancel`).expect(204);
    expect((await read(sessionId)).texts).toBe('Why?|<start>|Half a');
    await sessions.flush();
    expect(inFile()).toMatch(new RegExp(`${sessionId}.*"Reply cancelled"`));
    model.script = () => ['Whole.'];
    await ask('Again?', sessionId);
    expect((await read(sessionId)).texts).toMatch(/Whole\.\|<\/end>$/);
    expect(model.conversation[1]).toEqual({ role: 'assistant', content: 'Half a' });
  });

  it('does not begin a reply that was stopped before', async () => {
    const { ChatService } = await import('../sample-app/src/chat.service.js');
    let isAsked = false;
    model.script = () => {
      isAsked = true;
      return [];
    };
    const asked = app.get(ChatService).ask('Why?', 'stopped-early');
    await sessions.cancelSession('stopped-early');
    await asked;
    expect(await read('stopped-early')).toEqual({ texts: 'Why?', logs: [] });
    expect(isAsked).toBe(false);
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
    expect(inFile()).toContain('"In the file."');
  });

  it('serves the page and nothing beside it, under a strict policy', async () => {
    const page = await request(url).get('/').expect(200).expect('Content-Type', 'text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'self'; /);
    await request(url)
      .get('/page/chat.js')
      .expect(200)
      .expect('Content-Type', 'text/javascript; charset=utf-8');
    await request(url).get('/..%2fpackage.json').expect(404);
    await request(url).get('/none.js').expect(404);
    await request(url)
      .get('/client/index.js')
      .expect(200)
      .expect('Content-Type', /^text\/javascript/);
    for (const name of ['index.d.ts', '..%2findex.js', '%2e%2e%2fevent-parser.js', 'none.js'])
      await request(url).get(`/client/${name}`).expect(404);
  });
});

describe('shutdown of the sample app', () => {
  it('cancels a running reply and ends its session', async () => {
    const model = new ScriptedModel(async function* (signal) {
      yield 'Half a';
      await new Gate().passed(signal);
    });
    const { app, url } = await startSampleApp(model);
    const { body } = await request(url).post('/chat').send({ message: 'Why?' }).expect(202);
    const { sessionId } = body as { sessionId: string };
    const stream = await fetch(`${url}/logs/${sessionId}`);
    await app.close();
    const told = await stream.text();
    expect(told).toContain('"message":"Half a"');
    expect(told).toContain('{"reason":"cancelled","error":"The application is shutting down"}');
    expect(inFile()).toMatch(new RegExp(`${sessionId}.*"Reply cancelled"`));
    await cleanUp();
  });
});
