import type { JsonObject } from '../entry/log-entry.js';

const STEP = /\.(\*|[\w$-]+)|\[(\*|\d+|"[^"]+"|'[^']+')\]/g;
const PATH = new RegExp(`^data(?:${STEP.source})+$`);

/** Whether a text names something in `data`, as pino does: `data.password`, `data.*.token`, `data["a b"]`, `data.list[*].pin`. */
export function isPath(text: string): boolean {
  return PATH.test(text);
}

/** Makes a function that masks what lies at paths, in the object itself. */
export function maskerOfPaths(paths: readonly string[], replace: string): (data: JsonObject) => void {
  const ways = paths.map(stepsOf);
  return (data) => {
    for (const steps of ways) maskAt(data, steps, replace);
  };
}

function stepsOf(path: string): string[] {
  return [...path.matchAll(STEP)].map(([, name, index]) => name ?? index!.replace(/^["']|["']$/g, ''));
}

function maskAt(value: unknown, [step, ...rest]: readonly string[], replace: string): void {
  if (typeof value !== 'object' || value === null || step === undefined) return;
  const keys = step === '*' ? Object.keys(value) : [step];
  for (const key of keys.filter((one) => Object.hasOwn(value, one))) {
    if (rest.length > 0) maskAt((value as Record<string, unknown>)[key], rest, replace);
    // Also of a member of the name __proto__.
    else
      Object.defineProperty(value, key, {
        value: replace,
        enumerable: true,
        configurable: true,
        writable: true,
      });
  }
}
