/**
 * Settles as `work` does.
 *
 * @param what names the work in the error
 * @throws Error where it takes longer than `timeout` milliseconds; it goes on all the same
 */
export function within(timeout: number, work: Promise<void>, what = ''): Promise<void> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`${what} took longer than ${Math.ceil(timeout)} ms`.trimStart());
    timer = setTimeout(() => reject(error), timeout);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
