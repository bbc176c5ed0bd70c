/** What of the Nest CLI's tree of files is used here: the package needs none of the CLI's own. */
export interface Tree {
  exists(path: string): boolean;
  readText(path: string): string;
  overwrite(path: string, content: string): void;
  getDir(path: string): { visit(visitor: (path: string) => void): void };
}

/** Where a schematic says what it did. */
export interface SchematicContext {
  readonly logger: { info(message: string): void };
}
