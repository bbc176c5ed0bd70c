import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

/** Answers past interceptors, which would wrap what is no object of the application's own. */
@Injectable()
export class Answer {
  constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

  /** @param body an object becomes JSON; without one the answer is empty */
  send(
    response: unknown,
    status: number,
    body?: object | string,
    headers: Record<string, string> = {},
  ): void {
    const { httpAdapter } = this.host;
    for (const [name, value] of Object.entries({ 'Cache-Control': 'no-store', ...headers })) {
      httpAdapter.setHeader(response, name, value);
    }
    httpAdapter.reply(response, body, status);
  }
}
