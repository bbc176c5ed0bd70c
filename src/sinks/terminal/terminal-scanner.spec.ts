import * as fc from 'fast-check';
import { SPECIAL_TOKENS } from '../../entry/special-tokens.js';
import { TokenScanner, type TokenPiece } from '../../entry/token-scanner.js';
import { TerminalScanner } from './terminal-scanner.js';

const said = (pieces: readonly TokenPiece[]): string =>
  pieces.map((piece) => (piece.type === 'text' ? piece.text : `[${piece.token}]`)).join('');

const chunk = fc.string({ unit: fc.constantFrom('<', '/', '>', 'think', 'end', 'x') });
const chunks = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), chunk));

describe('TerminalScanner', () => {
  it('finds in interleaved chunks what a scanner for each session finds', () => {
    fc.assert(
      fc.property(chunks, (all) => {
        const shared = new TerminalScanner(SPECIAL_TOKENS);
        const found = new Map<string, string>();
        for (const [sessionId, text] of all) {
          found.set(sessionId, (found.get(sessionId) ?? '') + said(shared.push(sessionId, text)));
        }
        for (const [sessionId, text] of found) {
          const alone = new TokenScanner(SPECIAL_TOKENS);
          const own = all.filter(([id]) => id === sessionId).flatMap(([, one]) => alone.push(one));
          expect(text + said(shared.release(sessionId))).toBe(said([...own, ...alone.flush()]));
        }
        expect(shared.waiting).toEqual([]);
      }),
    );
  });

  it('keeps nothing of a session whose text is certain', () => {
    const scanner = new TerminalScanner(SPECIAL_TOKENS);
    scanner.push('s1', 'text </end>');
    scanner.push('s2', 'text <th');
    scanner.push('s2', 'ree');
    expect(scanner.waiting).toEqual([]);
  });

  it('names the session that was silent longest when too many wait', () => {
    const scanner = new TerminalScanner(SPECIAL_TOKENS, 2);
    for (const sessionId of ['s1', 's2', 's1']) scanner.push(sessionId, '<');
    expect(scanner.crowdedOut).toBeUndefined();
    scanner.push('s1', '<');
    scanner.push('s3', '<');
    expect(scanner.crowdedOut).toBe('s2');
    expect(scanner.release('s2')).toEqual([{ type: 'text', text: '<' }]);
    expect(scanner.crowdedOut).toBeUndefined();
    expect(scanner.waiting).toEqual(['s1', 's3']);
  });

  it('releases a shorter token when the longer one did not come', () => {
    const scanner = new TerminalScanner(['a', 'ab']);
    expect(scanner.push('s1', 'a')).toEqual([]);
    expect(scanner.release('s1')).toEqual([{ type: 'token', token: 'a' }]);
    expect(scanner.release('s1')).toEqual([]);
  });
});
