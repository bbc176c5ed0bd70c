import {
  Inject,
  Injectable,
  ServiceUnavailableException,
  type BeforeApplicationShutdown,
} from '@nestjs/common';
import { RESOLVED_OPTIONS, type ResolvedOptions } from '../options/resolve-options.js';
import { OWN_SERVICE, type SessionLoggerService } from '../session-logger.service.js';
import { Reporter } from '../session-logger.reporter.js';
import { DeliveryMeter } from '../telemetry/delivery-meter.js';
import type { SessionReader } from '../store/session-store.interface.js';
import { closeBehind, EventStream, isOver, isQueued, type PlatformResponse } from './event-stream.js';
import { SseClient, type SseClientOptions } from './sse-client.js';
import type { SessionView } from './views/session-view.interface.js';
import { EVENT_STREAM, jittered, retryFrame } from './views/sse-frames.js';

/** All clients of the endpoint; ends them before the server closes, which would otherwise wait for them. */
@Injectable()
export class SseClients implements BeforeApplicationShutdown {
  private readonly clients = new Set<SseClient>();
  private closing = false;

  constructor(
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
    @Inject(OWN_SERVICE) private readonly logs: SessionLoggerService,
    @Inject(DeliveryMeter) private readonly deliveries: DeliveryMeter,
    @Inject(Reporter) private readonly reporter: Reporter,
  ) {}

  /**
   * Serves `reader` to a client until either ends.
   *
   * @throws ServiceUnavailableException where that is not possible now, for a client that would take nothing for all
   */
  serve(
    response: PlatformResponse,
    reader: SessionReader,
    view: SessionView,
    { expiresAt }: Pick<SseClientOptions, 'expiresAt'>,
  ): void {
    if (isOver(response) || this.closing || isQueued(response)) {
      reader.close();
      return this.refuse(response, view);
    }
    const { retry, heartbeat, writeTimeout } = this.options.http;
    const stream = new EventStream(response, view.headers, view.breaks);
    const client = new SseClient(stream, this.deliveries.of(reader), view, {
      retry,
      heartbeat,
      writeTimeout,
      expiresAt,
      onClose: () => this.clients.delete(client),
      onError: (error) => this.reporter.warn('stream', 'A stream broke; its client will come back', error),
    });
    this.clients.add(client);
    client.start();
  }

  /** Tells a client to come back in a while. Any other status than 200 would stop an EventSource for good. */
  sendAway(response: PlatformResponse): void {
    new EventStream(response, EVENT_STREAM).end(retryFrame(jittered(this.options.http.retry)));
  }

  private refuse(response: PlatformResponse, view: SessionView): void {
    if (isOver(response)) new EventStream(response, view.headers).end('');
    else if (!view.breaks) this.sendAway(response);
    else {
      closeBehind(response);
      throw new ServiceUnavailableException();
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.closing = true;
    // The last words of a session that other modules ended in onModuleDestroy.
    await this.logs.distribute({ finite: true });
    await Promise.all([...this.clients].map((client) => client.close()));
  }
}
