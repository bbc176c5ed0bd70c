// oxlint-disable-next-line import/no-unassigned-import -- class-transformer's Type() reads metadata, Nest may not be loaded yet
import 'reflect-metadata';
import { Transform, Type } from 'class-transformer';

/**
 * Keeps class-transformer from looking into a property's value: it would copy a `Set` as an array, follow
 * a cycle until the stack is full, and call the `constructor` that the sender of a JSON object put there.
 *
 * @param fallback makes the value where it is null or undefined; default: undefined
 */
export function AsGiven(fallback?: () => unknown): PropertyDecorator {
  // Of the types that class-transformer knows, only this one neither looks inside nor throws.
  const closed = Type(() => Boolean);
  const given = Transform(({ obj, key }: { obj: Record<string, unknown>; key: string }) => obj[key] ?? fallback?.());
  return (target, property) => {
    closed(target, property);
    given(target, property);
  };
}
