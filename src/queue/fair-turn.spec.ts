import { FairTurn } from './fair-turn.js';

describe('FairTurn', () => {
  it('lets the event loop turn after 1,024 awaited calls', async () => {
    const fair = new FairTurn();
    let turned = false;
    setImmediate(() => (turned = true));
    for (let call = 1; call < 1024; call++) await fair.next(0);
    expect(turned).toBe(false);
    await fair.next(0);
    expect(turned).toBe(true);
  });

  it('lets the event loop turn after 5 ms without a turn', async () => {
    const fair = new FairTurn();
    let turned = false;
    setImmediate(() => (turned = true));
    await fair.next(1000);
    await fair.next(1004);
    expect(turned).toBe(false);
    await fair.next(1005);
    expect(turned).toBe(true);
  });

  it('starts counting anew after each turn', async () => {
    const fair = new FairTurn();
    for (let call = 1; call <= 1024; call++) await fair.next(0);
    let turned = false;
    setImmediate(() => (turned = true));
    for (let call = 1; call < 1024; call++) await fair.next(0);
    expect(turned).toBe(false);
  });
});
