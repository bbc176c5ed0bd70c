import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { Controller, Inject, Param, Post } from '@nestjs/common';
import { SessionLoggerService } from 'nestjs-session-logger';
import { cleanUp } from '../support/clean-up.js';
import { tempDir } from '../support/temp-dir.js';
import { endSession, logChat, startApp } from '../support/test-app.js';
import { markdownBlocks } from './markdown-blocks.js';

const run = promisify(execFile);
const blocks = markdownBlocks().filter(({ language, code }) => language === 'sh' && code.includes('curl '));

const hasCurl = spawnSync('curl', ['--version']).status === 0;
const NO_CURL = hasCurl ? '' : ' is skipped: it needs curl (Debian: apt-get install curl)';
const describeCurl = hasCurl ? describe : describe.skip;

/** That of the document for those who get started. */
@Controller('chat')
class GreetingController {
  constructor(@Inject(SessionLoggerService) private readonly logs: SessionLoggerService) {}

  @Post(':id')
  async greet(@Param('id') id: string): Promise<void> {
    await logChat(this.logs, id, 'Hello ', 'from ', 'Nest.');
    await endSession(this.logs, id);
  }
}

afterEach(cleanUp);

describeCurl(`what the documents do with curl${NO_CURL}`, () => {
  it('is found', () => {
    expect(blocks.length).toBeGreaterThan(3);
  });

  it.each(blocks.map((block) => [block.place, block] as const))(
    '%s works as it stands',
    async (_, { code }) => {
      const { url, logs } = await startApp(
        {
          files: { dir: tempDir() },
          http: { list: true, history: true, write: true, cancel: true, delete: true },
        },
        { controllers: [GreetingController] },
      );
      await logChat(logs, 'chat-1', 'Hello');
      // That which a reader resumes, and follows to its end.
      await logChat(logs, 'chat-3', 'Hello');
      await endSession(logs, 'chat-3');
      const script = `curl() { command curl --silent --show-error --fail-with-body "$@"; }\n${code}`;
      const commands = script.replaceAll('http://localhost:3000', url);
      const written = run('bash', ['-e', '-o', 'pipefail', '-c', commands], { cwd: tempDir() });
      await expect(written).resolves.toBeDefined();
    },
  );
});
