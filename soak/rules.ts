import { setTimeout as delay } from 'node:timers/promises';

/** Something that the package promises did not hold. */
export class BrokenRule extends Error {}

export function say(sentence: string): void {
  process.stdout.write(`${sentence}\n`);
}

/** Says how a rule was kept, or throws {@link BrokenRule}. */
export function rule(isKept: boolean, sentence: string): void {
  if (!isKept) throw new BrokenRule(sentence);
  say(`  kept: ${sentence}`);
}

/** Resolves once `check` holds; throws {@link BrokenRule} when it does not within `seconds`. */
export async function within(
  seconds: number,
  sentence: string,
  check: () => Promise<boolean>,
): Promise<void> {
  const end = performance.now() + seconds * 1_000;
  while (!(await check())) {
    if (performance.now() > end) throw new BrokenRule(`${sentence} within ${seconds} s`);
    await delay(100);
  }
}
