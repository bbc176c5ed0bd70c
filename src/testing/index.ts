export { describeSessionStore } from './store-contract.js';
export type { StoreUnderTest, TestRunner } from './store-contract.js';
