// What the proofs of the packed package share: folders, installing, running, compiling.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const HERE = dirname(fileURLToPath(import.meta.url));
export const ROOT = join(HERE, '..', '..');

/** A folder for all of it, removed when the process ends. */
export const WORK = mkdtempSync(join(tmpdir(), 'package-'));
process.on('exit', () => rmSync(WORK, { recursive: true, force: true }));

/** Runs a program to its end and gives what it printed; all of that is shown where it fails. */
export function run(file, args, cwd = ROOT) {
  try {
    return execFileSync(file, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    throw new Error(`${basename(file)} ${args.join(' ')}\n${error.stdout ?? ''}${error.stderr ?? ''}`, {
      cause: error,
    });
  }
}

/** Installs packages into a folder, which is made where it is missing. */
export function install(folder, packages) {
  const cwd = join(WORK, folder);
  mkdirSync(cwd, { recursive: true });
  run('npm', ['install', '--loglevel=error', '--no-audit', '--no-fund', '--prefix', cwd, ...packages], cwd);
  return cwd;
}

/** Puts files of this folder into another one. */
export function place(cwd, ...files) {
  for (const file of files) copyFileSync(join(HERE, file), join(cwd, basename(file)));
}

/** Makes the `.js` and `.ts` of a folder ES modules (`module`) or `commonjs`. */
export function ofType(cwd, type) {
  const path = join(cwd, 'package.json');
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), type }));
}

/** Proves one thing and says so. */
export function prove(what, proof) {
  const begun = performance.now();
  proof();
  process.stdout.write(`ok ${what} (${((performance.now() - begun) / 1000).toFixed(1)} s)\n`);
}

/**
 * Compiles files by an installed compiler. Declarations are looked at, too; errors in those of other packages are theirs.
 *
 * @throws where there are others
 */
export function compile(cwd, compiler, files, compilerOptions) {
  const config = `tsconfig.${compiler}.json`;
  const strict = {
    strict: true,
    noEmit: true,
    experimentalDecorators: true,
    skipLibCheck: false,
    target: 'es2022',
  };
  writeFileSync(
    join(cwd, config),
    JSON.stringify({ compilerOptions: { ...strict, types: ['node'], ...compilerOptions }, files }),
  );
  const told = printed(
    join(cwd, 'node_modules', compiler, 'bin', 'tsc'),
    ['-p', config, '--pretty', 'false'],
    cwd,
  );
  const isOurs = (line) =>
    !line.startsWith('node_modules/') || line.startsWith('node_modules/nestjs-session-logger/');
  const errors = told.split('\n').filter((line) => /error TS\d+:/.test(line) && isOurs(line));
  if (errors.length > 0)
    throw new Error(`${compiler} ${JSON.stringify(compilerOptions)}:\n${errors.join('\n')}`);
}

/** What a compiler prints, whether or not it finds errors. */
function printed(file, args, cwd) {
  try {
    return execFileSync(process.execPath, [file, ...args], {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  } catch (error) {
    if (error.stdout === undefined) throw error;
    return error.stdout;
  }
}
