import { Body, Controller, HttpCode, Post, ValidationPipe } from '@nestjs/common';
import { ChatRequest } from './chat-request.dto.js';
import { ChatService } from './chat.service.js';

@Controller('chat')
export class ChatController {
  constructor(private readonly chat: ChatService) {}

  /** Answers as soon as the question is in the session; the reply is read from the session's log. */
  @Post()
  @HttpCode(202)
  async ask(
    @Body(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true })) request: ChatRequest,
  ): Promise<{ sessionId: string }> {
    return { sessionId: await this.chat.ask(request.message, request.sessionId) };
  }
}
