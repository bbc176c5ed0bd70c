/**
 * Sessions in memory, a fake clock and readers of streams, for the tests of an application.
 *
 * @module nestjs-session-logger/testing
 */

export { collectSession } from './collect-session.js';
export type { CollectOptions } from './collect-session.js';
export type { CollectedSession, CollectUntil } from './collected-session.js';
export type { StoreUnderTest, TestRunner } from './contract/store-bench.js';
export { describeSessionStore } from './contract/store-contract.js';
export type { StreamEvent } from '../client/event-parser.js';
export type { EventStream } from './event-stream.js';
export { installFakeClock } from './fake-clock.js';
export type { FakeClock, FakeClockOptions } from './fake-clock.js';
export { logInMemory } from './log-in-memory.js';
export type { OverridableModule } from './log-in-memory.js';
export { openEventStream } from './open-event-stream.js';
export type { EventStreamOptions } from './open-event-stream.js';
export { SessionLoggerTestingModule } from './session-logger-testing.module.js';
