import { describe, it } from 'node:test';
import { describeKit } from './kit.js';

describeKit({ describe, it });
