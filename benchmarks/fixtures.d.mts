export const MAX_CHUNK: number;
export function seeded(seed: number): () => number;
export function chunks(count: number, seed?: number): string[];
export function sessionIds(count: number): string[];
