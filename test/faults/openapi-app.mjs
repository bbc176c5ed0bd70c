// An application with all endpoints: prints what it warned of and what its document has, as JSON. The argument is `openapi`.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SessionLoggerModule } from 'nestjs-session-logger';

const warnings = [];
const logger = { log: () => {}, error: (text) => warnings.push(text), warn: (text) => warnings.push(text) };
const openapi = JSON.parse(process.argv[2] ?? '{}');
const options = { files: false, http: { list: true, write: true, openapi } };
class AppModule {}
Module({ imports: [SessionLoggerModule.forRoot(options)] })(AppModule);

const app = await NestFactory.create(AppModule, { logger, abortOnError: false });
const paths = await documentedPaths(app);
await app.listen(0, '127.0.0.1');
const { status } = await fetch(`${await app.getUrl()}/logs`);
await app.close();
process.stdout.write(JSON.stringify({ warnings, status, paths, loaded: globalThis.loaded ?? false }));

async function documentedPaths(app) {
  const { DocumentBuilder, SwaggerModule } =
    process.argv[3] === 'document' ? await import('@nestjs/swagger') : {};
  if (SwaggerModule === undefined) return undefined;
  return Object.keys(SwaggerModule.createDocument(app, new DocumentBuilder().build()).paths);
}
