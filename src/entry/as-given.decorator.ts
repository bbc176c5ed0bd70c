// oxlint-disable-next-line import/no-unassigned-import -- class-transformer's Type() reads metadata, Nest may not be loaded yet
import 'reflect-metadata';
import { Transform, Type, type TypeHelpOptions } from 'class-transformer';

/**
 * Keeps class-transformer from looking into a property's value when it makes an instance: it would copy
 * a `Set` as an array, follow a cycle until the stack is full, and call the `constructor` that the sender
 * of a JSON object put there.
 *
 * @param fallback makes the value where it is null or undefined; default: undefined
 */
export function AsGiven(fallback?: () => unknown): PropertyDecorator {
  const closed = Type(typeOf);
  const given = Transform(
    ({ obj, key }: { obj: Record<string, unknown>; key: string }) => obj[key] ?? fallback?.(),
    {
      toClassOnly: true,
    },
  );
  return (target, property) => {
    closed(target, property);
    given(target, property);
  };
}

/** Of the types that class-transformer knows, only Boolean neither looks inside nor throws; Object copies. */
function typeOf(help?: TypeHelpOptions): ObjectConstructor | BooleanConstructor {
  return help?.newObject.constructor === Object ? Object : Boolean;
}
