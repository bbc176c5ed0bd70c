// Jest, and Vitest with `globals: true`.
import { describeKit } from './kit.js';

describeKit({ describe, it });
