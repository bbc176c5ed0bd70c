import type { CanActivate } from '@nestjs/common';
import { VersioningType } from '@nestjs/common';
import { SessionLoggerModule } from 'nestjs-session-logger';
import { cleanUp } from './support/clean-up.js';
import { documentOf } from './support/openapi.js';
import { startApp } from './support/test-app.js';
import { startViewer } from './support/viewer.js';

afterEach(cleanUp);

class NobodyGuard implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

async function statusOf(url: string): Promise<number> {
  return (await fetch(url, { redirect: 'manual' })).status;
}

describe('the page of the viewer', () => {
  it('is served with a policy that lets nothing run but its own files', async () => {
    const { url } = await startViewer();
    const response = await fetch(`${url}/session-logs`);
    expect(response.status).toBe(200);
    const { headers } = response;
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'/,
    );
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    const html = await response.text();
    expect(html).not.toMatch(
      /\{\{|<script(?! type="module" src="session-logs\/page\/viewer\.js")|style=| on\w+=/,
    );
    for (const [file, type] of [
      ['page/viewer.js', 'text/javascript; charset=utf-8'],
      ['page/viewer.css', 'text/css; charset=utf-8'],
      ['page/icon.svg', 'image/svg+xml; charset=utf-8'],
      ['client/index.js', 'text/javascript; charset=utf-8'],
    ]) {
      const answer = await fetch(`${url}/session-logs/${file}`);
      expect([file, answer.status, answer.headers.get('content-type')]).toEqual([file, 200, type]);
    }
    for (const file of [
      'page/nothing.js',
      'page/index.html',
      'page/..%2f..%2fsession-controllers.js',
      'client/..%2findex.js',
    ])
      expect([file, await statusOf(`${url}/session-logs/${file}`)]).toEqual([file, 404]);
  });

  it('finds its files and the endpoints wherever it is', async () => {
    const { url } = await startViewer(
      { http: { path: 'chat/logs' }, viewer: { path: 'admin/sessions' } },
      (app) => {
        app.setGlobalPrefix('api');
        app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
      },
    );
    const page = `${url}/api/v1/admin/sessions`;
    const html = await (await fetch(page)).text();
    const [, script] = /src="([^"]+)"/.exec(html)!;
    const [, logs] = /data-logs="([^"]+)"/.exec(html)!;
    expect(await statusOf(new URL(script!, page).href)).toBe(200);
    expect(new URL(logs!, page).pathname).toBe('/api/v1/chat/logs');
    expect(await statusOf(new URL(logs!, page).href)).toBe(200);
  });

  it('is redirected to where a slash is too many', async () => {
    const { url } = await startViewer();
    const response = await fetch(`${url}/session-logs/?a=b`, { redirect: 'manual' });
    if (response.status === 404) return; // Fastify tells them apart.
    expect([response.status, response.headers.get('location')]).toEqual([308, '../session-logs?a=b']);
  });

  it('is for those alone who may list sessions', async () => {
    const { url } = await startViewer({
      http: { authorize: ({ headers }, _, action) => action === 'list' && headers.cookie === 'admin' },
    });
    expect(await statusOf(`${url}/session-logs`)).toBe(403);
    const allowed = await fetch(`${url}/session-logs`, { headers: { cookie: 'admin' } });
    expect(allowed.status).toBe(200);
    const guarded = await startViewer({ http: { guards: [NobodyGuard] } });
    for (const path of ['', '/page/viewer.js', '/client/index.js'])
      expect(await statusOf(`${guarded.url}/session-logs${path}`)).toBe(403);
  });

  it('switches list and history on, unless that is refused', async () => {
    const { url } = await startViewer();
    expect([await statusOf(`${url}/logs`), await statusOf(`${url}/logs/s/history`)]).toEqual([200, 200]);
    const refusing = await startViewer({ http: { history: false } });
    expect(await statusOf(`${refusing.url}/logs/s/history`)).toBe(404);
    const off = await startApp();
    expect(await statusOf(`${off.url}/session-logs`)).toBe(404);
    expect(await statusOf(`${off.url}/logs`)).toBe(404);
  });

  it('is in no OpenAPI document, which has the endpoints that it switches on', async () => {
    const { app } = await startViewer();
    const paths = Object.keys(documentOf(app).paths);
    expect(paths).toEqual(expect.arrayContaining(['/logs', '/logs/{sessionId}/history']));
    expect(paths.filter((path) => path.includes('session-logs'))).toEqual([]);
  });

  it('is at a place of its own for each logger', async () => {
    const { url } = await startViewer({ name: 'audit', http: { path: 'audit' } });
    expect(await statusOf(`${url}/session-logs-audit`)).toBe(200);
    const both = { viewer: { path: 'looks' }, files: false } as const;
    const apart = startApp(both, {
      imports: [SessionLoggerModule.forRoot({ ...both, name: 'audit', http: { path: 'audit' } })],
    });
    await expect(apart).rejects.toThrow(/overlap, \/looks and \/looks.*viewer\.path/);
  });

  it.each([
    [{ viewer: { path: '/' } }, 'option viewer.path is'],
    [{ viewer: { page: 'x' } as object }, 'there is no option viewer.page'],
    [{ viewer: true, http: false } as const, 'option viewer does not go with http: false'],
  ])('refuses %j', (options, message) => {
    expect(() => SessionLoggerModule.forRoot(options)).toThrow(message);
  });
});
