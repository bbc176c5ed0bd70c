/** What was put on a class or a method to tell it, by the metadata's keys. */
const told = new WeakMap<object, readonly unknown[]>();

/**
 * Puts metadata on a class or a method in place of what was put there before: one module definition may make several
 * applications, whose options differ.
 */
export function tellAnew(target: object, tell: () => void): void {
  for (const key of told.get(target) ?? []) Reflect.deleteMetadata(key, target);
  const before = new Set<unknown>(Reflect.getOwnMetadataKeys(target));
  try {
    tell();
  } finally {
    told.set(
      target,
      Reflect.getOwnMetadataKeys(target).filter((key) => !before.has(key)),
    );
  }
}
