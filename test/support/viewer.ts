import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  getSessionLoggerToken,
  SessionLoggerModule,
  type SessionLoggerOptions,
  type SessionLoggerService,
} from 'nestjs-session-logger';
import { VIEWER_CLIENT_FILES } from '../../src/http/viewer/session-viewer.controller.js';
import { ViewerFiles } from '../../src/http/viewer/viewer-files.js';
import { builtClient } from './built-client.js';
import { onCleanUp } from './clean-up.js';
import { platformAdapter } from './platform.js';
import { tempDir } from './temp-dir.js';

/** A running application with the viewer. */
export interface ViewerApp {
  app: INestApplication;
  logs: SessionLoggerService;
  url: string;
}

/** Starts an application with the viewer on a free port. {@link cleanUp} closes it. */
export async function startViewer(
  options: SessionLoggerOptions = {},
  configure: (app: INestApplication) => unknown = () => {},
): Promise<ViewerApp> {
  const testing = await Test.createTestingModule({
    imports: [SessionLoggerModule.forRoot({ files: false, viewer: true, ...options })],
  })
    .overrideProvider(VIEWER_CLIENT_FILES)
    .useValue(new ViewerFiles(builtClient(tempDir())))
    .compile();
  const app = testing.createNestApplication(platformAdapter());
  onCleanUp(() => app.close());
  configure(app);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return {
    app,
    logs: app.get<SessionLoggerService>(getSessionLoggerToken(options.name)),
    url: `http://127.0.0.1:${port}`,
  };
}
