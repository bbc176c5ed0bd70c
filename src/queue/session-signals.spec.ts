import { SessionSignals } from './session-signals.js';

describe('SessionSignals', () => {
  it('gives one signal until the session is cancelled or has ended', () => {
    const signals = new SessionSignals(10);
    const first = signals.of('s');
    expect(signals.of('s')).toBe(first);
    signals.abort('s', 'stop');
    expect(first.reason).toMatchObject({ name: 'AbortError', message: 'stop' });
    const second = signals.of('s');
    expect(second.aborted).toBe(false);
    signals.renew('s');
    signals.abort('s', 'stop');
    expect(second.aborted).toBe(false);
  });

  it('is asked anew by a listener without harm', () => {
    const signals = new SessionSignals(10);
    let next: AbortSignal | undefined;
    signals.of('s').addEventListener('abort', () => (next = signals.of('s')));
    signals.abort('s', 'stop');
    expect(next?.aborted).toBe(false);
  });

  it('remembers as many as it may, the newest', () => {
    const signals = new SessionSignals(2);
    const [first, second, third] = ['a', 'b', 'c'].map((id) => signals.of(id));
    for (const id of ['a', 'b', 'c']) signals.abort(id, 'stop');
    expect([first, second, third].map((signal) => signal!.aborted)).toEqual([false, true, true]);
  });

  it('forgets the session that was asked for longest ago', () => {
    const signals = new SessionSignals(2);
    const [a, b] = ['a', 'b', 'a', 'c'].map((id) => signals.of(id));
    for (const id of ['a', 'b']) signals.abort(id, 'stop');
    expect([a!.aborted, b!.aborted]).toEqual([true, false]);
  });
});
