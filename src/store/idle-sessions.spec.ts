import fc from 'fast-check';
import { IdleSessions } from './idle-sessions.js';
import { SessionLog } from './session-log.js';

describe('IdleSessions', () => {
  it('keeps the order of an array to which the same is done', () => {
    const step = fc.tuple(fc.constantFrom('touch', 'remove'), fc.nat({ max: 5 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const logs = Array.from({ length: 6 }, (_, index) => new SessionLog(`s${index}`, 'e'));
        const idle = new IdleSessions();
        let model: SessionLog[] = [];
        for (const [what, index] of steps) {
          const log = logs[index]!;
          model = model.filter((one) => one !== log);
          if (what === 'touch') model.push(log);
          idle[what](log);
          expect(inOrder(idle)).toEqual(model.map((one) => one.sessionId));
        }
      }),
    );
  });
});

function inOrder(idle: IdleSessions): string[] {
  const ids: string[] = [];
  for (let log = idle.oldest; log !== undefined; log = log.newer) ids.push(log.sessionId);
  return ids;
}
