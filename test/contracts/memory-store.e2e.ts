import { MemoryStore } from '../../src/store/memory-store.js';
import { describeSessionStore } from '../../src/testing/index.js';

describeSessionStore({ describe, it }, { name: 'memoryStore', create: (limits) => new MemoryStore(limits) });
