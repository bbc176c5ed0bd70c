import { NestFactory } from '@nestjs/core';

/**
 * Starts a Nest application on Express, without a logger, on a free port of 127.0.0.1.
 *
 * @param {import('@nestjs/common').DynamicModule} module
 */
export async function startNest(module) {
  const app = await NestFactory.create(module, { logger: false });
  await app.listen(0, '127.0.0.1');
  return { app, port: app.getHttpServer().address().port };
}

/**
 * Decorates a method, as TypeScript would.
 *
 * @param {Function} controller
 * @param {string} method
 * @param {MethodDecorator} decorator
 */
export function decorate({ prototype }, method, decorator) {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, method);
  if (descriptor !== undefined) decorator(prototype, method, descriptor);
}
