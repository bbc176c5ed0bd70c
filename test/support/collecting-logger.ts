import type { LoggerService } from '@nestjs/common';

/** Keeps what Nest's logger is told, and prints none of it. */
export class CollectingLogger implements LoggerService {
  readonly errors: string[] = [];
  readonly warnings: string[] = [];

  log(): void {}

  error(message: unknown): void {
    this.errors.push(String(message));
  }

  warn(message: unknown): void {
    this.warnings.push(String(message));
  }
}
