/** A kind of secret that is known here. */
export type RedactPreset = 'bearer' | 'sk' | 'aws' | 'jwt' | 'email' | 'card';

/** A kind of secret. */
export interface RedactPattern {
  /**
   * What a secret looks like. It must not match an empty text, nor ask by `^` or `$` where a text begins or ends, as
   * texts come in pieces. The flags g and y mean nothing, v is not possible.
   */
  pattern: RegExp;
  /**
   * What each secret begins with, a text or a pattern: where it is complete, what follows is masked even if the rest
   * never comes.
   */
  prefix: string | RegExp;
  /** UTF-16 units of the longest secret, up to 65,536: what may become one is held for so long at the most. */
  maxLength: number;
}

/** How secrets are masked before anything is stored, written or shown. */
export interface RedactOptions {
  /**
   * What is masked as a whole in the `data` of entries, named as pino names it: `data.password`, `data.*.token`,
   * `data.items[*].key`. Default none.
   */
  paths?: readonly string[] | undefined;
  /**
   * Kinds of secrets that are masked wherever they stand: in messages, also where they are spread over chunks, in
   * contexts, data, stacks and the errors of ends. Default none.
   */
  patterns?: readonly (RedactPattern | RedactPreset)[] | undefined;
  /** What stands in place of a secret. Default `[REDACTED]`. */
  replace?: string | undefined;
  /** Milliseconds for which a chunk is held that may begin a secret. Default 2,000. */
  holdMs?: number | undefined;
}

/** The options with every default filled in. */
export type ResolvedRedactOptions = {
  readonly [Key in keyof RedactOptions]-?: NonNullable<RedactOptions[Key]>;
};
