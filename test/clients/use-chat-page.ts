import { Controller, Get, Header } from '@nestjs/common';
import { build } from 'esbuild';

/** A page as a user of the AI SDK writes it: the question has been sent, and the reply is resumed. */
const SCRIPT = `
  import { createElement } from 'react';
  import { createRoot } from 'react-dom/client';
  import { useChat } from '@ai-sdk/react';
  import { DefaultChatTransport } from 'ai';

  const transport = new DefaultChatTransport({
    prepareReconnectToStreamRequest: ({ id }) => ({ api: '/logs/' + id + '?format=ui-message' }),
  });
  const messages = [{ id: 'q', role: 'user', parts: [{ type: 'text', text: 'And?' }] }];

  function Chat() {
    const chat = useChat({ id: 's', messages, transport, resume: true });
    const texts = chat.messages.map(({ parts }) => parts.map(({ text = '' }) => text).join(''));
    return createElement('output', { id: 'chat', 'data-status': chat.status }, texts.join('|'));
  }
  createRoot(document.getElementById('root')).render(createElement(Chat));`;

/** Makes a controller that serves the page. */
export async function useChatPage(): Promise<new () => unknown> {
  const { outputFiles } = await build({
    stdin: { contents: SCRIPT, resolveDir: process.cwd(), loader: 'js' },
    bundle: true,
    write: false,
    format: 'esm',
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const script = outputFiles[0]!.text;

  @Controller('chat')
  class UseChatController {
    @Get()
    @Header('Content-Type', 'text/html; charset=utf-8')
    page(): string {
      return '<!doctype html><title>Chat</title><div id="root"></div><script type="module" src="/chat/script.js"></script>';
    }

    @Get('script.js')
    @Header('Content-Type', 'text/javascript; charset=utf-8')
    script(): string {
      return script;
    }
  }
  return UseChatController;
}
