#!/usr/bin/env node
import { Output } from './output.js';
import { run } from './run.js';

const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort());
process.exitCode = await run(process.argv.slice(2), {
  output: new Output(process.stdout),
  notes: new Output(process.stderr),
  signal: interrupt.signal,
});
