// What an app without any optional peer imports; compiled by the compilers of users.
import { Injectable, Module } from '@nestjs/common';
import {
  InjectSessionLogger,
  SessionLoggerModule,
  SessionLoggerService,
  type LogEntry,
  type LogSink,
  type SessionLoggerOptions,
  type SessionStore,
} from 'nestjs-session-logger';
import { followSession } from 'nestjs-session-logger/client';
import {
  collectSession,
  describeSessionStore,
  installFakeClock,
  openEventStream,
  SessionLoggerTestingModule,
  type CollectedSession,
} from 'nestjs-session-logger/testing';

const sink: LogSink = { name: 'mine', write: (entries: readonly LogEntry[]) => void entries.length };
const options: SessionLoggerOptions = {
  limits: { sessionEntries: 10 },
  sinks: [sink],
  http: { authorize: (request, sessionId) => request.headers['x-user'] === sessionId },
};

@Injectable()
export class ChatService {
  constructor(
    private readonly logs: SessionLoggerService,
    @InjectSessionLogger('audit') private readonly audit: SessionLoggerService,
  ) {}

  async reply(sessionId: string): Promise<string[]> {
    await this.audit.logEntryToQueue({ sessionId, message: 'asked', logType: 'log', level: 'warn' });
    await this.logs.logChunkToQueue('Hello', sessionId);
    const messages: string[] = [];
    for await (const { message } of this.logs.getSessionEntries(sessionId, { timeout: 10 }))
      messages.push(message);
    return messages;
  }
}

@Module({
  imports: [SessionLoggerModule.forRoot(options)],
  providers: [ChatService, { provide: 'logs', useExisting: SessionLoggerService }],
})
export class AppModule {}

export const storeOf = (make: () => SessionStore): SessionStore => make();
export const contract: typeof describeSessionStore = describeSessionStore;

export const testing = SessionLoggerTestingModule.forRoot(options);

export async function collected(logs: SessionLoggerService): Promise<CollectedSession[]> {
  const clock = await installFakeClock({ now: new Date(0) });
  const stream = await openEventStream('http://127.0.0.1:3000', '/logs/s', { lastEventId: 'e-1' });
  await clock.advance(1);
  return [
    await collectSession(logs, 's', { until: ({ level }) => level === 'warn' }),
    await stream.collect(),
  ];
}

export async function followed(): Promise<string | undefined> {
  const session = followSession('/logs/s', { headers: { authorization: 'x' } });
  for await (const { message } of session) if (message === 'stop') break;
  return session.end?.reason;
}

// @ts-expect-error an option that does not exist: the types are those of the package, not any
export const wrong: SessionLoggerOptions = { limit: {} };
