import type { Type } from '@nestjs/common';
import type { Schema } from './schema.js';

/** A schema among the components of a document. */
export interface Model {
  readonly name: string;
  readonly description: string;
  /** The class that stands for it where a route names a type. */
  readonly type: Type;
  readonly properties: Readonly<Record<string, Schema>>;
  /** Properties that may be missing. */
  readonly optional: readonly string[];
}

/** What a model of `T` has to tell: all of its properties, which the compiler sees to, and which of them may be missing. */
interface ModelOf<T> {
  readonly description: string;
  readonly type?: Type<T>;
  readonly properties: { readonly [Key in keyof Required<T>]: Schema };
  readonly optional?: readonly (keyof T & string)[];
}

/** Makes a model; without a `type` one that no route but ours can name. */
export function model<T>(name: string, { description, type, properties, optional = [] }: ModelOf<T>): Model {
  return { name, description, type: type ?? class {}, properties, optional };
}
