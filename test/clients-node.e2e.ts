import { jest } from '@jest/globals';
import { tellAll, tellGaps } from './clients/cut-off.js';
import {
  followWithEventSource,
  followWithEventSourceClient,
  followWithUndici,
  loadPolyfill,
} from './clients/node-clients.js';
import { cleanUp, onCleanUp } from './support/clean-up.js';

jest.setTimeout(30_000);

beforeEach(() => {
  // The polyfill prints each cut.
  const print = jest.spyOn(console, 'error').mockImplementation(() => {});
  onCleanUp(() => print.mockRestore());
});
afterEach(cleanUp);

describe.each([
  ['eventsource', 1, () => followWithEventSource],
  ['eventsource-client', 2, () => followWithEventSourceClient],
  ["undici's EventSource", 3, () => followWithUndici],
  ['event-source-polyfill', 4, loadPolyfill],
])('%s, cut off 100 times while entries flow', (_, seed, load) => {
  it('tells each entry once and in order', async () => {
    const { told, expected } = await tellAll(await load(), seed);
    expect(told).toEqual(expected);
  });

  it('tells a gap wherever entries were dropped before it got them', async () => {
    const { told, expected } = await tellGaps(await load(), seed);
    expect(told).toEqual(expected);
  });
});
