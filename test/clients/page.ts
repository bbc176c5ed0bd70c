import { Controller, Get, Header } from '@nestjs/common';
import type { Page } from 'playwright-core';
import type { Follow, ReceivedEvent } from './cut-off.js';

const SCRIPT = `
  const follow = (path) => new Promise((resolve) => {
    const events = [];
    const source = new EventSource(path);
    for (const name of ['message', 'gap', 'end']) {
      source.addEventListener(name, ({ type, lastEventId, data }) => {
        events.push({ type, lastEventId, data });
        if (type !== 'end') return;
        source.close();
        resolve(events);
      });
    }
  });`;

/** Serves a page that can follow a stream. */
@Controller('page')
export class PageController {
  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  page(): string {
    return `<!doctype html><title>Follow</title><script>${SCRIPT}</script>`;
  }
}

/** Follows with a browser's own EventSource. */
export function followInPage(page: Page): Follow {
  return async (origin, path) => {
    await page.goto(`${origin}/page`);
    return page.evaluate<ReceivedEvent[]>(`follow(${JSON.stringify(path)})`);
  };
}
