// Run by the Jest of a CommonJS app, configured by the lines of the documentation.
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { SessionLoggerModule, SessionLoggerService } from 'nestjs-session-logger';

@Injectable()
class ChatService {
  constructor(private readonly logs: SessionLoggerService) {}

  async reply(sessionId: string): Promise<void> {
    for (const chunk of ['Hel', 'lo']) await this.logs.logChunkToQueue(chunk, sessionId);
    await this.logs.endSession(sessionId);
  }
}

it('logs the reply to the session', async () => {
  const module = await Test.createTestingModule({
    imports: [SessionLoggerModule.forRoot({ files: false, http: false })],
    providers: [ChatService],
  }).compile();
  await module.init();
  await module.get(ChatService).reply('chat-1');
  const chunks: string[] = [];
  for await (const chunk of module.get(SessionLoggerService).getSessionLogs('chat-1')) chunks.push(chunk);
  expect(chunks).toEqual(['Hel', 'lo']);
  await module.close();
});
