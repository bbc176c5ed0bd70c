const steps: (() => unknown)[] = [];

/** Remembers what a test has to undo. */
export function onCleanUp(step: () => unknown): void {
  steps.push(step);
}

/** Undoes all that was remembered, the newest first, also where some of it fails. For `afterEach`. */
export async function cleanUp(): Promise<void> {
  const failures: unknown[] = [];
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
