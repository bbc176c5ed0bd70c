/** Rounds of a stream of texts that is captured, and one whose texts are logged by hand, in turns: parts a second. */
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SessionLoggerModule, SessionLoggerService } from 'nestjs-session-logger';
import { endWithParent, job } from './child.mjs';
import { words } from './fixtures.mjs';

class RootModule {}
Module({})(RootModule);

const { parts, rounds } = job();
const texts = words(4096);
/** A part of each kind of stream, and the text in it. */
const KINDS = {
  texts: { make: (text) => text, read: (part) => part },
  'AI SDK fullStream': {
    make: (text) => ({ type: 'text-delta', id: '0', text }),
    read: ({ text }) => text,
    head: [{ type: 'start' }, { type: 'text-start', id: '0' }],
    tail: [{ type: 'finish', finishReason: 'stop' }],
  },
  'OpenAI Chat Completions': {
    make: (content) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] }),
    read: ({ choices: [{ delta }] }) => delta.content,
    tail: [{ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }],
  },
};

endWithParent();
const found = {};
for (const [kind, made] of Object.entries(KINDS)) {
  for (const way of [byHand, captured]) await round(made, way);
  found[kind] = { ours: [], byHand: [] };
  for (let count = 0; count < rounds; count++) {
    found[kind].byHand.push(await round(made, byHand));
    found[kind].ours.push(await round(made, captured));
  }
}
process.send?.(found);

/** @returns {Promise<number>} parts a second, from the first one to where the reader has them all */
async function round(kind, way) {
  const imports = [SessionLoggerModule.forRoot({ files: false, http: false })];
  const app = await NestFactory.createApplicationContext({ module: RootModule, imports }, { logger: false });
  const logs = app.get(SessionLoggerService);
  const { make, head = [], tail = [] } = kind;
  const body = Array.from({ length: parts }, (_, index) => make(texts[index % texts.length]));
  const done = readAll(logs);
  globalThis.gc?.();
  const begun = performance.now();
  await way(logs, stream([...head, ...body, ...tail]), kind);
  await done;
  const took = performance.now() - begun;
  await app.close();
  return (parts / took) * 1000;
}

/** As the clients of models do: each part is awaited. */
async function* stream(all) {
  yield* all;
}

async function captured(logs, source) {
  const { reason } = await logs.capture('s', source);
  if (reason !== 'completed') throw new Error(`A capture ended as ${reason}.`);
}

async function byHand(logs, source, { read }) {
  await logs.logChunkToQueue('<start>', 's');
  for await (const part of source) {
    const text = isText(part) ? read(part) : undefined;
    if (text !== undefined) await logs.logChunkToQueue(text, 's');
  }
  await logs.logChunkToQueue('</end>', 's');
  await logs.endSession('s');
}

function isText(part) {
  return typeof part === 'string' || part.type === 'text-delta' || part.choices !== undefined;
}

async function readAll(logs) {
  let read = 0;
  for await (const _ of logs.getSessionLogs('s')) read++;
  if (read < parts) throw new Error(`Only ${read} of ${parts} parts were read.`);
}
