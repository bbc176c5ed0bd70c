import type { Tree } from '../../src/schematics/tree.js';

/** Files as a schematic is given them; the CLI's own tree does not load under Jest. */
export class MemoryTree implements Tree {
  private readonly files: Map<string, string>;

  constructor(files: Readonly<Record<string, string>>) {
    this.files = new Map(Object.entries(files));
  }

  exists(path: string): boolean {
    return this.files.has(path);
  }

  readText(path: string): string {
    const text = this.files.get(path.replace(/^\//, ''));
    if (text === undefined) throw new Error(`There is no ${path}.`);
    return text;
  }

  overwrite(path: string, content: string): void {
    this.files.set(path, content);
  }

  getDir(dir: string): { visit(visitor: (path: string) => void): void } {
    const paths = [...this.files.keys()].filter((path) => path.startsWith(`${dir}/`));
    return { visit: (visitor) => paths.forEach((path) => visitor(`/${path}`)) };
  }
}
