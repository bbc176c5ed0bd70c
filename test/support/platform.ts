import type { AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';

/** What the applications of these tests stand on: the configuration of Jest says so by a global. */
export const PLATFORM = (globalThis as { PLATFORM?: 'fastify' }).PLATFORM ?? 'express';

export function platformAdapter(): AbstractHttpAdapter {
  if (PLATFORM === 'express') return new ExpressAdapter();
  return new FastifyAdapter({ routerOptions: { maxParamLength: 256 } });
}
