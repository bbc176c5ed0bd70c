import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import request from 'supertest';
import { cleanUp } from './support/clean-up.js';
import { tempDir } from './support/temp-dir.js';
import { logChat, startApp } from './support/test-app.js';

afterEach(cleanUp);

const bytesIn = (dir: string): string =>
  readdirSync(dir)
    .map((name) => readFileSync(join(dir, name), 'utf8'))
    .join('');

describe('DELETE /logs/:sessionId', () => {
  it('is not there unless it is switched on', async () => {
    const { app, logs } = await startApp();
    await logChat(logs, 'chat-1', 'a');
    await request(app.getHttpServer()).delete('/logs/chat-1').expect(404);
    expect(logs.allSessionsInQueue).toEqual(['chat-1']);
  });

  it('deletes a session, and its lines where it is asked to', async () => {
    const dir = tempDir();
    const { app, logs } = await startApp({ files: { dir }, http: { delete: true } });
    await logChat(logs, 'chat-1', 'forget');
    await logs.flush();
    await request(app.getHttpServer()).delete('/logs/chat-1').expect(204);
    expect(logs.allSessionsInQueue).toEqual([]);
    expect(bytesIn(dir)).toContain('forget');
    await request(app.getHttpServer()).delete('/logs/chat-1?files=true').expect(204);
    expect(bytesIn(dir)).not.toContain('forget');
  });

  it('asks for `delete`', async () => {
    const actions: string[] = [];
    const authorize = (_: unknown, id: string, action: string): boolean => {
      actions.push(action);
      return id === 'mine';
    };
    const { app, logs } = await startApp({ http: { delete: true, authorize } });
    await logChat(logs, 'other', 'a');
    await request(app.getHttpServer()).delete('/logs/mine').expect(204);
    await request(app.getHttpServer()).delete('/logs/other').expect(403);
    await request(app.getHttpServer()).delete('/logs/none').expect(403);
    expect(actions).toEqual(['delete', 'delete', 'delete']);
    expect(logs.allSessionsInQueue).toEqual(['other']);
  });

  it('answers 400 to what can be no session, and to a wrong query', async () => {
    const { app } = await startApp({ http: { delete: true } });
    await request(app.getHttpServer()).delete('/logs/a%0ab').expect(400);
    await request(app.getHttpServer()).delete('/logs/chat-1?files=maybe').expect(400);
  });

  it('says what stands in the way of erasing files', async () => {
    const { app, logs } = await startApp({
      files: { dir: tempDir(), format: 'text' },
      http: { delete: true },
    });
    await logChat(logs, 'chat-1', 'a');
    const answer = await request(app.getHttpServer()).delete('/logs/chat-1?files=true').expect(400);
    expect(answer.body).toMatchObject({ code: 'INVALID_OPTIONS' });
    expect(logs.allSessionsInQueue).toEqual(['chat-1']);
  });

  it('tells the log of the application, not the client, which files are in the way', async () => {
    const dir = tempDir();
    writeFileSync(join(dir, '2026-11-20.log.gz'), 'no archive');
    const { app, logger } = await startApp({ files: { dir, retention: false }, http: { delete: true } });
    const answer = await request(app.getHttpServer()).delete('/logs/chat-1?files=true').expect(500);
    expect(answer.body).toMatchObject({ statusCode: 500, code: 'ERASURE_FAILED' });
    expect(answer.text).not.toContain(dir);
    expect(logger.warnings).toEqual([expect.stringContaining(dir)]);
  });
});
