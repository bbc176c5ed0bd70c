import { Module } from '@nestjs/common';
import { SessionLoggerModule } from 'nestjs-session-logger';
import { ChatController } from './chat.controller.js';
import { ChatService } from './chat.service.js';
import { ChatModel } from './model.js';
import { OpenAiModel } from './openai.model.js';
import { CLIENT_FILES, findClientFiles, PageController } from './page.controller.js';
import { readRecording, RecordedModel } from './recorded.model.js';
import { ReplyWriter } from './reply-writer.js';

/** A model server where one is configured, else the recording. */
function chooseModel(): ChatModel {
  const { OPENAI_BASE_URL: baseURL, OPENAI_API_KEY: apiKey, OPENAI_MODEL: model } = process.env;
  return baseURL || apiKey ? new OpenAiModel({ baseURL, apiKey, model }) : new RecordedModel(readRecording());
}

@Module({
  // Anyone who knows a session's id may read and stop it here. An app with users sets `http.authorize`.
  imports: [
    SessionLoggerModule.forRoot({ viewer: true, http: { cancel: true }, context: { capture: true } }),
  ],
  controllers: [PageController, ChatController],
  providers: [
    ChatService,
    ReplyWriter,
    { provide: ChatModel, useFactory: chooseModel },
    { provide: CLIENT_FILES, useFactory: findClientFiles },
  ],
})
export class AppModule {}
