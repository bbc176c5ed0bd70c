import { NestFactory } from '@nestjs/core';
import { SessionNestLogger } from 'nestjs-session-logger';
import { AppModule } from './app.module.js';

const port = Number(process.env.PORT ?? 3000);
const app = await NestFactory.create(AppModule, { bufferLogs: true });
app.useLogger(app.get(SessionNestLogger));
app.enableShutdownHooks([], { useProcessExit: true });
await app.listen(port);
process.stdout.write(`\nOpen the chat page: http://localhost:${port}\n\n`);
