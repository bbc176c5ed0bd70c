/** Stands for what throws when it is looked at. */
export const UNSHOWABLE = 'something that cannot be shown';

/** What `look` gives, or `otherwise` where it throws: a getter, a trap of a Proxy, a toJSON(). */
export function tryTo<T, O>(look: () => T, otherwise: O): T | O {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
