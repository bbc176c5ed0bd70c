import { readFileSync } from 'node:fs';

interface Manifest {
  engines: { node: string };
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional: boolean }>;
}

const read = (path: string): string => readFileSync(path, 'utf8');
const document = read('docs/compatibility.md');
const manifest = JSON.parse(read('package.json')) as Manifest;
const proof = read('test/package/run.mjs');

/** The cells of the row that begins with that text. */
function row(first: string): string[] {
  const line = document.split('\n').find((one) => one.startsWith(`| ${first} `));
  return (line ?? '').split(/(?<!\\)\|/).map((cell) => cell.trim());
}

describe('the compatibility table', () => {
  it('has each package that users bring, with its versions', () => {
    const named = [...document.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name!);
    expect(named.toSorted()).toEqual(Object.keys(manifest.peerDependencies).toSorted());
    for (const [name, range] of Object.entries(manifest.peerDependencies)) {
      const [, , versions, use] = row(`\`${name}\``);
      expect([name, versions]).toEqual([name, `\`${range.replaceAll('|', '\\|')}\``]);
      expect([name, use!.endsWith(', optional')]).toEqual([name, name in manifest.peerDependenciesMeta]);
    }
  });

  it('names the versions of Node that the package wants, and of which each is tried', () => {
    expect(row('Node')[2]).toBe('20 from 20.19 on, 22 from 22.12 on, 24 or later');
    expect(manifest.engines.node).toBe('^20.19.0 || >=22.12.0');
    expect(proof).toContain("NODES = ['20', '22', '24']");
  });

  it('names the compilers and the test runners that are tried', () => {
    expect(row('TypeScript')[2]).toMatch(/^5\.6 to 6, /);
    expect(proof).toContain("OLD_TYPESCRIPT = '5.6'");
    expect(proof).toContain("'typescript@6'");
    expect(row('Jest, in a CommonJS app')[2]).toMatch(/^30, /);
    expect(proof).toContain("'jest@30'");
    expect(row('test runners')[2]).toMatch(/^Jest 30, Vitest 4 and 5, /);
    for (const major of [4, 5]) expect(proof).toContain(`major: '${major}'`);
  });
});
