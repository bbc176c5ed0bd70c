// A test of a user's that fails before it closes what it opened; run by `node --test`.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Test } from '@nestjs/testing';
import { openEventStream, SessionLoggerTestingModule } from 'nestjs-session-logger/testing';

void it('fails in its middle', async () => {
  const module = await Test.createTestingModule({
    imports: [SessionLoggerTestingModule.forRoot()],
  }).compile();
  const app = await module.createNestApplication(undefined, { logger: false }).init();
  const stream = await openEventStream(app.getHttpServer(), '/logs/s');
  await stream.next();
  assert.fail('as expected');
});
