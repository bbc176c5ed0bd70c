import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { MaskedText, renderMasked } from './masked-text.js';
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
  card: '3782 822463 10005',
};

/** What comes out of pieces that go in, each released as soon as it is decided; `force` says after which it is. */
function through(
  pieces: readonly string[],
  force: (at: number) => boolean = () => false,
  secrets: readonly Secret[] = SECRETS,
): string[] {
  const text = new MaskedText(secrets, notFailed);
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
    text.release(offset);
  };
  pieces.forEach((piece, at) => {
    if (held.length === 0 && !force(at) && text.passes(piece)) {
      out.push(piece);
      return;
    }
    held.push(piece);
    text.add(piece);
    release(force(at) ? text.decide(false) : text.look());
  });
  release(text.decide(true));
  expect(held).toEqual([]);
  return out;
}

/** What comes out of a text that comes in one piece. */
function wholly(text: string): string {
  const whole = new MaskedText(SECRETS, notFailed);
  whole.add(text);
  return renderMasked(text, 0, whole.decide(true).masks, '***');
}

function heapAfter(gc: () => void): number {
  gc();
  return process.memoryUsage().heapUsed;
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

  it('masks one that is longer than it may be, and no match before it ends, as its prefix gives it away', () => {
    const jwt = `eyJ${'a'.repeat(400)}.${'b'.repeat(20_000)}.${'c'.repeat(40)}`;
    const pieces = `key ${jwt} end`.match(/[^]{1,512}/g)!;
    expect(through(pieces).join('')).toBe('key *** end');
    const small = `key ${jwt} end, and so on`.match(/[^]{1,7}/g)!;
    expect(through(small).join('')).toBe('key *** end, and so on');
  });

  it('holds one that never ends no longer than it may be, and keeps no more of it', () => {
    const text = new MaskedText(SECRETS, notFailed);
    text.add('sk-');
    let held = 3;
    for (let n = 0; n < 2_000; n++) {
      text.add('abcdefgh12');
      const { decided } = text.look();
      text.release(decided);
      held += 10 - decided;
      expect(held).toBeLessThan(600);
    }
    expect(text.isOpen).toBe(true);
    expect(JSON.stringify(text).length).toBeLessThan(10_000);
    expect(text.passes(' and so on! ')).toBe(false);
    text.add(' and so on! ');
    text.release(text.look().decided);
    expect(text.passes('More. ')).toBe(true);
    expect(text.isOpen).toBe(false);
  });

  it('is open no longer where a piece follows that has nothing to do with the secret', () => {
    const text = new MaskedText([new Secret({ pattern: /k-\d{4}/, prefix: 'k-', maxLength: 6 })], notFailed);
    text.add('k-12');
    text.release(text.decide(false).decided);
    expect(text.isOpen).toBe(true);
    expect(text.passes(' no')).toBe(true);
    expect(text.isOpen).toBe(false);
  });

  it('keeps nothing of a long piece in memory', () => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    const before = heapAfter(gc);
    const kept = Array.from({ length: 100 }, (_, n) => {
      const text = new MaskedText(SECRETS, notFailed);
      // A text of its own each time, of 200 kB.
      text.passes(`${n} word `.repeat(25_000));
      text.add(`${`${n} more `.repeat(25_000)} sk-`);
      text.release(text.decide(false).decided);
      return text;
    });
    expect(heapAfter(gc) - before).toBeLessThan(5_000_000);
    expect(kept).toHaveLength(100);
  });

  it('takes no longer for each piece of a long secret than for looking at it once', () => {
    let tries = 0;
    const counted = new Secret({ pattern: /k-\w+\./, prefix: 'k-', maxLength: 10_000 });
    const match = counted.match.bind(counted);
    counted.match = (text, start) => {
      tries++;
      return match(text, start);
    };
    const text = new MaskedText([counted], notFailed);
    text.add('k-');
    for (let n = 0; n < 1_000; n++) {
      text.add('abcd');
      text.look();
    }
    expect(tries).toBeLessThan(5);
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

  it.each([
    [
      'a look-ahead',
      /\b\d{6}(?= is your code)/,
      /\d{6}/,
      ['so 123456', ' is', ' your code! '],
      'so *** is your code! ',
    ],
    [
      'a word boundary ahead',
      /\bkey-(?!test\b)[a-z]{8,}/,
      'key-',
      ['so key-test', 'ingsecret! '],
      'so ***! ',
    ],
    ['a back-reference', /key-([a-z]{3})(?!\1)[a-z]{3}/, 'key-', ['so key-', 'abcdef! '], 'so ***! '],
    ['a look-behind inside', /key-x(?<=x\B)yz\d/, 'key-', ['so key-x', 'yz1! '], 'so ***! '],
  ] as [string, RegExp, string | RegExp, string[], string][])(
    'holds what its prefix begins where the pattern cannot tell: %s',
    (_, pattern, prefix, pieces, expected) => {
      const secrets = [new Secret({ pattern, prefix, maxLength: 40 })];
      expect(through(pieces, () => false, secrets).join('')).toBe(expected);
    },
  );

  it('shows nothing of a secret that is forced out complete and then goes on', () => {
    const pattern = /\bkey-\d{4}(?:-[a-z]{10})?/;
    const secrets = [new Secret({ pattern, prefix: 'key-', maxLength: 30 })];
    const pieces = ['so key-1234-abcdefghi', 'j. '];
    expect(through(pieces, (at) => at === 0, secrets)).toEqual(['so ***', '. ']);
    expect(through(['to jane@acme.internal-h', 'ost.corp! '], (at) => at === 0).join('')).toBe('to ***! ');
  });

  it('knows secrets behind an escape of JSON and behind a colour', () => {
    for (const secret of [SAMPLES.sk, SAMPLES.bearer, SAMPLES['aws id'], SAMPLES.jwt, SAMPLES.card]) {
      expect(wholly(`a\\n${secret}, \u001b[32m${secret} _${secret}`)).toMatch(/^a\\n\*\*\*, \S+32m\*\*\* _/);
    }
  });

  it('leaves what only looks like a secret', () => {
    const texts = [
      'Use Bearer authentication. ',
      'A bearer instrument! ',
      'icon@2x.png ',
      'x=0.4512345678901234 ',
    ];
    for (const text of [
      ...texts,
      'lodash@4.17.21 ',
      'root@localhost ',
      'I use sk-learn ',
      '4000 5000 6000 7002, ',
    ]) {
      expect(wholly(text)).toBe(text);
    }
  });

  it('masks at the end of a session what was cut short, and no word or number that is whole', () => {
    expect(wholly('key sk-proj')).toBe('key ***');
    expect(wholly('pay 4111 1111 1111 111')).toBe('pay ***');
    expect(wholly('to jane@mail')).toBe('to ***');
    for (const text of [
      'Order 400012345',
      'call 4000 123 456',
      'lodash@4.17.21',
      'at jane@',
      'a task',
      'This is',
    ])
      expect(wholly(text)).toBe(text);
  });

  it('takes no number for a card that is none', () => {
    const numbers = ['4111 1111 1111 1112', '2019 2020 2021 2022', '555-123-4567 8901', 'f4111111111111111'];
    for (const number of numbers) expect(wholly(`order ${number} ok`)).toBe(`order ${number} ok`);
  });
});
