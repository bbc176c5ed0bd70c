const steps: (() => unknown)[] = [];

/** Remembers what a test has to undo. */
export function onCleanUp(step: () => unknown): void {
  steps.push(step);
}

/** Undoes all that was remembered, the newest first. For `afterEach`. */
export async function cleanUp(): Promise<void> {
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) await step();
}
