/** The value of a cookie in a `Cookie` header (RFC 6265, section 4.2.1); undefined where it is not there. */
export function cookieOf(header: unknown, name: string): string | undefined {
  if (typeof header !== 'string') return undefined;
  const pairs = header.split(';').map((pair) => pair.trim());
  const pair = pairs.find((one) => one.startsWith(`${name}=`));
  return pair === undefined ? undefined : decoded(pair.slice(name.length + 1).replace(/^"(.*)"$/, '$1'));
}

/** As it stands, where it is not percent-encoded. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
