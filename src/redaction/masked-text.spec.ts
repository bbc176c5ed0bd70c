import fc from 'fast-check';
import { MaskedText, renderMasked } from './masked-text.js';
import { partialPattern } from './partial-pattern.js';
import { PRESETS } from './presets.js';
import { Secret } from './secret.js';

const KINDS = Object.values(PRESETS).flat();
const SECRETS = KINDS.map((kind) => new Secret(kind));
const notFailed = (error: unknown): never => {
  throw error;
};
const SAMPLES = {
  bearer: 'Bearer abcDEF123.456_789~+/=',
  sk: 'sk-proj-abcdefGHIJKL0123456789',
  'aws id': 'AKIAIOSFODNN7EXAMPLE',
  'aws key': 'secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  jwt: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P',
  email: 'jane.doe+x@mail.example.com',
  card: '3782 8224-6310 005',
};

/** What comes out of pieces that go in, each released as soon as it is decided; `force` says after which it is. */
function through(pieces: readonly string[], force: (at: number) => boolean = () => false): string[] {
  const text = new MaskedText(SECRETS, notFailed);
  let held: string[] = [];
  const out: string[] = [];
  const release = (look: ReturnType<MaskedText['look']>): void => {
    const { masks, decided } = look;
    let offset = 0;
    while (held.length > 0 && offset + held[0]!.length <= decided) {
      const piece = held.shift()!;
      out.push(renderMasked(piece, offset, masks, '***'));
      offset += piece.length;
    }
    text.release(offset, look);
  };
  pieces.forEach((piece, at) => {
    held.push(piece);
    text.add(piece);
    release(force(at) ? text.decide() : text.look());
  });
  release(text.decide());
  expect(held).toEqual([]);
  return out;
}

/** What comes out of a text that comes in one piece. */
function wholly(text: string): string {
  const whole = new MaskedText(SECRETS, notFailed);
  whole.add(text);
  return renderMasked(text, 0, whole.decide().masks, '***');
}

const cut = (text: string, ...at: number[]): string[] =>
  [0, ...at].map((from, index) => text.slice(from, [...at, text.length][index]));

describe.each(Object.entries(SAMPLES))('a secret of the kind %s', (_, secret) => {
  const text = `say ${secret} now`;

  it('is masked as a whole', () => {
    expect(through([text]).join('')).toBe('say *** now');
    expect(through([`say ${secret}`]).join('')).toBe('say ***');
  });

  it('is masked where it is cut in two, at every place', () => {
    for (let at = 1; at < text.length; at++) expect(through(cut(text, at)).join('')).toBe('say *** now');
  });

  it('is masked letter by letter', () => {
    expect(through(Array.from(text)).join('')).toBe('say *** now');
  });

  it('shows nothing but its beginning where it is forced out in its middle', () => {
    for (let at = 1; at < text.length; at++) {
      const shown = through(cut(text, at), () => true).join('');
      const rest = secret.slice(-8);
      expect(shown).not.toContain(rest);
      expect(shown).toMatch(/^say .* now$/);
    }
  });
});

describe('MaskedText', () => {
  it('leaves ordinary text as it is, however it is cut and forced', () => {
    const words = fc.constantFrom(
      'His ',
      'task ',
      'desk-top ',
      'sk',
      'Thomas',
      ' 12',
      '-',
      '@',
      'A',
      'KIA ',
      'ey',
      '\n',
    );
    fc.assert(
      fc.property(fc.array(words), fc.infiniteStream(fc.boolean()), (pieces, coins) => {
        const shown = through(pieces, () => coins.next().value as boolean).join('');
        const text = pieces.join('');
        if (!/sk-|@|eyJ|AKIA|\d.{10}/.test(text)) expect(shown).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it('gives one piece for each, and together what the text as a whole gives, however it is cut', () => {
    const glue = [' ', '-', '.', '@', '_', '=', '"', ':', '/', 'sk-', 'bearer ', 'x', '12', '4111', ' the '];
    const more = ['eyJ', 'AKIA', 'secret', 'com', '4111111111111111', '4111 1111 1111 1111 12/28'];
    const part = fc.constantFrom(...Object.values(SAMPLES), ...glue, ...more);
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 12 }), (parts, cuts) => {
        const text = parts.join('');
        const at = [...new Set(cuts.map((one) => one % (text.length + 1)))].toSorted((a, b) => a - b);
        const pieces = cut(text, ...at);
        const out = through(pieces);
        expect(out).toHaveLength(pieces.length);
        expect(out.join('')).toBe(wholly(text));
      }),
      { numRuns: 5_000 },
    );
  });

  it('masks one that never ends once, and swallows the rest', () => {
    const pieces = ['key sk-', ...Array.from({ length: 2_000 }, () => 'abcdefgh12'), ' end'];
    expect(through(pieces).join('')).toBe('key *** end');
  });

  it('knows a card with a date or a check value behind it, or a number before it', () => {
    expect(wholly('4111 1111 1111 1111 12/28')).toBe('*** 12/28');
    expect(wholly('4111 1111 1111 1111 123')).toBe('*** 123');
    expect(wholly('5432 4111 1111 1111 1111')).toBe('5432 ***');
    expect(wholly('5500-0000-0000-0004.')).toBe('***.');
  });

  it('leaves nothing readable of what a pattern fails on, and says so', () => {
    const failures: unknown[] = [];
    const kind = { pattern: /key-\w+/, prefix: 'key-', maxLength: 64 };
    const failing = new Secret({
      ...kind,
      lengthOf: () => {
        throw new RangeError('too much');
      },
    });
    const text = new MaskedText([failing], (error) => failures.push(error));
    text.add('a key-abc');
    const look = text.look();
    expect(renderMasked('a key-abc', 0, look.masks, '***')).toBe('***');
    expect(look.decided).toBe(9);
    expect(failures).toEqual([new RangeError('too much')]);
  });

  it('takes no number for a card that is none', () => {
    const numbers = ['4111 1111 1111 1112', '2019 2020 2021 2022', '555-123-4567 8901', 'f4111111111111111'];
    for (const number of numbers) expect(wholly(`order ${number} ok`)).toBe(`order ${number} ok`);
  });
});

describe('partialPattern', () => {
  it('matches every beginning of what the pattern matches', () => {
    const patterns = [...KINDS.map(({ pattern }) => pattern), /a(?:b|c{2,3})+?d(?=e)[a-z]?\.f/, /(['"])k\1/];
    const matches = [...Object.values(SAMPLES), 'abccbde.f', "'k'"];
    patterns.forEach((pattern, at) => {
      const partial = partialPattern(pattern);
      for (let length = 1; length < matches[at]!.length; length++) {
        partial.lastIndex = 0;
        expect(partial.exec(matches[at]!.slice(0, length))?.index).toBe(0);
      }
    });
  });

  it('matches nothing else', () => {
    const partial = partialPattern(/sk-\w{4,}/);
    for (const text of ['a', 'sk-a b', 'sx', '-']) {
      partial.lastIndex = 0;
      expect(partial.exec(text)?.index).toBe(text.length);
    }
  });
});
