export type { StoreUnderTest, TestRunner } from './store-bench.js';
export { describeSessionStore } from './store-contract.js';
