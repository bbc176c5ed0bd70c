/** Rounds of one session that is logged to and read in one process: entries a second, or how late each token is. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SessionLoggerModule, SessionLoggerService } from 'nestjs-session-logger';
import { endWithParent, job } from './child.mjs';
import { words } from './fixtures.mjs';
import { replaceSecrets } from './peers/replace-secrets.mjs';

const KEYS = ['sk', 'bearer', 'aws', 'jwt'];
/** How a token gets into the log. */
const MODES = {
  none: {},
  replace: { before: replaceSecrets },
  keys: { redact: { patterns: KEYS } },
  all: { redact: { patterns: [...KEYS, 'email', 'card'] } },
};

class RootModule {}
Module({})(RootModule);

const { task, entries, rounds, paceMs } = job();
const tokens = words(4096);

endWithParent();
await (task === 'speed' ? speed() : delay());

async function speed() {
  const modes = Object.keys(MODES);
  for (const mode of modes) await round(mode);
  const found = Object.fromEntries(modes.map((mode) => [mode, []]));
  for (let count = 0; count < rounds; count++) {
    for (const mode of count % 2 === 0 ? modes : modes.toReversed()) found[mode].push(await round(mode));
  }
  process.send?.(found);
}

/** @param {string} mode @returns {Promise<number>} entries a second */
async function round(mode) {
  const { app, logs, log } = await open(mode);
  const done = read(logs, entries, () => {});
  globalThis.gc?.();
  const begun = performance.now();
  for (let index = 0; index < entries; index++) await log(tokens[index % tokens.length]);
  await logs.distribute({ finite: true });
  await done;
  const took = performance.now() - begun;
  await app.close();
  return (entries / took) * 1000;
}

async function delay() {
  const found = {};
  for (const mode of Object.keys(MODES)) {
    const { app, logs, log } = await open(mode);
    const sent = [];
    const late = [];
    const done = read(logs, entries - 1, (index) => late.push(performance.now() - sent[index]));
    for (let index = 0; index < entries; index++) {
      sent.push(performance.now());
      await log(tokens[index]);
      await sleep(paceMs);
    }
    await done;
    await app.close();
    found[mode] = late;
  }
  process.send?.(found);
}

async function open(mode) {
  const { redact, before = (text) => text } = MODES[mode];
  const imports = [SessionLoggerModule.forRoot({ files: false, http: false, redact })];
  const app = await NestFactory.createApplicationContext({ module: RootModule, imports }, { logger: false });
  const logs = app.get(SessionLoggerService);
  return { app, logs, log: (token) => logs.logChunkToQueue(before(token), 's') };
}

/** @param {SessionLoggerService} logs @param {number} count @param {(index: number) => void} onMessage */
async function read(logs, count, onMessage) {
  let index = 0;
  for await (const _ of logs.getSessionLogs('s')) {
    onMessage(index++);
    if (index === count) return;
  }
}
