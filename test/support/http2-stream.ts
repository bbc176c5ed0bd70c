import { once } from 'node:events';
import {
  connect,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type SecureClientSessionOptions,
} from 'node:http2';
import { onCleanUp } from './clean-up.js';

/** A stream of events over HTTP/2, as text. */
export class Http2Stream {
  private text = '';

  /** Resolves once the head of the answer is there. {@link cleanUp} hangs up. */
  static async open(
    url: string,
    headers: Record<string, string> = {},
    options: SecureClientSessionOptions = {},
  ): Promise<Http2Stream> {
    const { origin, pathname, search } = new URL(url);
    const session = connect(origin, options);
    onCleanUp(() => session.destroy());
    const stream = session.request({ ':path': pathname + search, ...headers });
    const [head] = (await once(stream, 'response')) as [IncomingHttpHeaders & { ':status': number }];
    return new Http2Stream(session, stream, head);
  }

  private constructor(
    private readonly session: ClientHttp2Session,
    private readonly stream: ClientHttp2Stream,
    readonly headers: IncomingHttpHeaders & { ':status': number },
  ) {
    stream.setEncoding('utf8').on('data', (text: string) => (this.text += text));
  }

  /** Resolves when an entry of that message has arrived. */
  message(message: string): Promise<void> {
    return this.includes(`"message":${JSON.stringify(message)}`);
  }

  /** Resolves when that text has arrived. */
  async includes(text: string): Promise<void> {
    while (!this.text.includes(text)) await once(this.stream, 'data');
  }

  /** Resolves with the error code of the stream, once it is over. */
  async code(): Promise<number> {
    if (!this.stream.closed) await once(this.stream, 'close');
    return this.stream.rstCode;
  }

  /** Ends the connection. */
  hangUp(): void {
    this.session.destroy();
  }

  /** Resolves with all that was sent, once it is over. */
  async rest(): Promise<string> {
    if (!this.stream.readableEnded) await once(this.stream, 'end');
    return this.text;
  }
}
