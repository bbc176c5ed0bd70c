import type { SessionAction } from 'nestjs-session-logger';
import request from 'supertest';
import { cleanUp } from './support/clean-up.js';
import { EventStream, isEvent, type EventFrame } from './support/event-stream.js';
import { logChat, startApp, type TestApp } from './support/test-app.js';

afterEach(cleanUp);

const cancel = ({ url }: TestApp, id: string, body?: object): request.Test =>
  request(url).post(`/logs/${id}/cancel`).send(body);

describe('POST /logs/:sessionId/cancel', () => {
  it('stops who produces the session, and ends it for who reads it', async () => {
    const app = await startApp({ http: { cancel: true } });
    const signal = app.logs.sessionSignal('s');
    const stream = await EventStream.open(`${app.url}/logs/s`);
    await logChat(app.logs, 's', 'a');
    await cancel(app, 's', { reason: 'enough' }).expect(204, {});
    expect(signal.reason).toMatchObject({ name: 'AbortError', message: 'enough' });
    const end = (await stream.until(isEvent('end'))).at(-1) as EventFrame;
    expect(end.data).toEqual({ reason: 'cancelled', error: 'enough' });
  });

  it('needs no body', async () => {
    const app = await startApp({ http: { cancel: true } });
    const signal = app.logs.sessionSignal('s');
    await request(app.url).post('/logs/s/cancel').expect(204);
    expect(signal.aborted).toBe(true);
  });

  it('is off by default', async () => {
    const app = await startApp();
    const signal = app.logs.sessionSignal('s');
    await cancel(app, 's').expect(404);
    expect(signal.aborted).toBe(false);
  });

  it.each([{ reason: 1 }, { reason: 'x'.repeat(1_001) }])('refuses a reason that is none', async (body) => {
    const app = await startApp({ http: { cancel: true } });
    await cancel(app, 's', body).expect(400);
    expect(app.logs.stats().accepted).toBe(0);
  });

  it('refuses a session id that is none, and touches nothing', async () => {
    const app = await startApp({ http: { cancel: true } });
    await cancel(app, 'a%2Fb').expect(400);
    expect(app.logs.stats().accepted).toBe(0);
  });

  it('asks for the action cancel: who may read may not stop by that', async () => {
    const asked: [string, SessionAction][] = [];
    const authorize = (_: unknown, sessionId: string, action: SessionAction): boolean => {
      asked.push([sessionId, action]);
      return action === 'read';
    };
    const app = await startApp({ http: { cancel: true, authorize } });
    const signal = app.logs.sessionSignal('s');
    await cancel(app, 's').expect(403);
    expect([asked, signal.aborted]).toEqual([[['s', 'cancel']], false]);
  });
});
