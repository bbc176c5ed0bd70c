import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Controller, Inject, Module, UseInterceptors, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientProxyFactory, EventPattern, MessagePattern, Payload, Transport } from '@nestjs/microservices';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import {
  currentSessionId,
  SessionContextInterceptor,
  SessionId,
  SessionLoggerModule,
  SessionLoggerService,
  type SessionContextOptions,
} from 'nestjs-session-logger';
import { firstValueFrom, Observable } from 'rxjs';
import { io } from 'socket.io-client';
import { cleanUp, onCleanUp } from './support/clean-up.js';
import { startApp } from './support/test-app.js';

afterEach(cleanUp);

interface Work {
  sessionId?: string;
  text: string;
}

@Controller()
@UseInterceptors(SessionContextInterceptor)
class WorkController {
  constructor(@Inject(SessionLoggerService) private readonly logs: SessionLoggerService) {}

  @MessagePattern('work')
  async work(@Payload() { text }: Work, @SessionId() sessionId?: string): Promise<object> {
    if (sessionId !== undefined) await this.logs.logChunkToQueue(text);
    return { sessionId, later: currentSessionId() };
  }

  @MessagePattern('stream')
  stream(): Observable<unknown> {
    return new Observable((subscriber) => {
      subscriber.next({ sessionId: currentSessionId() });
      subscriber.complete();
    });
  }

  @EventPattern('note')
  async note({ text }: Work): Promise<void> {
    await this.logs.logChunkToQueue(text);
    await this.logs.endSession(currentSessionId()!);
  }
}

@Module({})
class ServiceModule {}

function moduleOf(context: SessionContextOptions): DynamicModule {
  const logger = SessionLoggerModule.forRoot({ files: false, context });
  return { module: ServiceModule, imports: [logger], controllers: [WorkController] };
}

describe('SessionContextInterceptor in a microservice', () => {
  async function start(context: SessionContextOptions) {
    const options = { host: '127.0.0.1', port: 0 };
    const root = moduleOf(context);
    const app = await NestFactory.createMicroservice(root, {
      transport: Transport.TCP,
      options,
      logger: false,
    });
    onCleanUp(() => app.close());
    await app.listen();
    const { port } = app.unwrap<{ address(): AddressInfo }>().address();
    const client = ClientProxyFactory.create({
      transport: Transport.TCP,
      options: { host: '127.0.0.1', port },
    });
    onCleanUp(() => client.close());
    const send = (pattern: string, work: Work): Promise<unknown> =>
      firstValueFrom(client.send(pattern, work));
    return { logs: app.get(SessionLoggerService), send, client };
  }

  it('calls handlers of messages within the session of their payload', async () => {
    const { logs, send } = await start({ from: { param: 'sessionId' } });
    const found = { sessionId: 'chat-1', later: 'chat-1' };
    expect(await send('work', { sessionId: 'chat-1', text: 'a' })).toEqual(found);
    expect(await send('stream', { sessionId: 'chat-2', text: 'b' })).toEqual({ sessionId: 'chat-2' });
    expect(await send('work', { text: 'c' })).toEqual({});
    await logs.distribute({ finite: true });
    expect(logs.getAllLogsInQueue()).toEqual([
      expect.objectContaining({ sessionId: 'chat-1', message: 'a' }),
    ]);
  });

  it('calls handlers of events, by a function', async () => {
    const { logs, client } = await start({ from: ({ type, data }) => `${type}-${(data as Work).text}` });
    const messages = logs.getSessionLogs('rpc-a');
    await firstValueFrom(client.emit('note', { text: 'a' }), { defaultValue: undefined });
    expect((await messages.next()).value).toBe('a');
    expect((await messages.next()).done).toBe(true);
  });
});

@WebSocketGateway()
@UseInterceptors(SessionContextInterceptor)
class ChatGateway {
  constructor(@Inject(SessionLoggerService) private readonly logs: SessionLoggerService) {}

  @SubscribeMessage('say')
  async say(@MessageBody() { text }: Work, @SessionId() sessionId?: string): Promise<object> {
    if (sessionId !== undefined) await this.logs.logChunkToQueue(text);
    return { event: 'said', data: { sessionId, later: currentSessionId() } };
  }
}

describe('SessionContextInterceptor in a WebSocket gateway', () => {
  it.each<[string, SessionContextOptions['from']]>([
    ['payload', { param: 'sessionId' }],
    ['header of the handshake', { header: 'x-session-id' }],
    ['cookie of the handshake', { cookie: 'sid' }],
    [
      'client, by a function',
      ({ client }) => (client as { handshake: { query: { id: string } } }).handshake.query.id,
    ],
  ])('calls handlers within the session of the %s', async (_, from) => {
    const { logs, url } = await startApp(
      { context: { from } },
      { providers: [ChatGateway], configure: (app) => app.useWebSocketAdapter(new IoAdapter(app)) },
    );
    const extraHeaders = { 'x-session-id': 'chat-1', cookie: 'sid=chat-1' };
    const socket = io(url, { transports: ['websocket'], extraHeaders, query: { id: 'chat-1' } });
    onCleanUp(() => socket.close());
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    const said = once(socket as never, 'said');
    socket.emit('say', { sessionId: 'chat-1', text: 'hello' });
    expect(await said).toEqual([{ sessionId: 'chat-1', later: 'chat-1' }]);
    await logs.distribute({ finite: true });
    expect(logs.getAllLogsInQueue()).toEqual([
      expect.objectContaining({ sessionId: 'chat-1', message: 'hello' }),
    ]);
  });
});
