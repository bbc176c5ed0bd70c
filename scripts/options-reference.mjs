// Writes docs/options.md from the options' own TSDoc and defaults: `node scripts/options-reference.mjs` fails where the
// page differs from the build, with `--update` it writes it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import ts from 'typescript';
import { resolveOptions } from '../dist/options/resolve-options.js';

const ROOT = join(import.meta.dirname, '..');
const PAGE = join(ROOT, 'docs/options.md');
const SOURCE = join(ROOT, 'dist/options/session-logger-options.d.ts');
/** Options that are objects of options, in the order of their chapters. */
const GROUPS = ['files', 'limits', 'context', 'redact', 'tokens', 'http', 'http.openapi', 'viewer'];
const MIB = 1024 * 1024;

/** A default that is as well told by its value. */
const SIMPLE_DEFAULT = / Default(?: and off)?:? (?:`[^`]*`|none|true|false|[\d,]+|\d+ MiB)\./;
const OWN_DEFAULTS = / Default: (?:`\w+` [^.]*\.|[^.]*\.)/;

delete process.env.LOGS_PATH;
const DEFAULTS = resolveOptions({ redact: {} });

const INTRODUCTION = `<!-- Made by scripts/options-reference.mjs; change the TSDoc of the options instead. -->

# Options

\`SessionLoggerModule.forRoot({ … })\`. Each option may be left out; a wrong one fails at start, with what was expected and
what to do. With a factory, what Nest must know first stands beside it: \`name\`, \`isGlobal\`, \`http.path\`, \`http.guards\`,
\`http: false\` and \`viewer\`.

\`\`\`ts
SessionLoggerModule.forRootAsync({
  imports: [ConfigModule, AuthModule],
  http: { path: 'sessions', guards: [AuthGuard] },
  inject: [ConfigService],
  useFactory: (config: ConfigService) => ({ files: { dir: config.get('LOG_DIR') } }),
});
\`\`\`
`;

const program = ts.createProgram([SOURCE], {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  skipLibCheck: true,
});
const checker = program.getTypeChecker();

/** The properties of an option that is an object, or of all options. */
function propertiesOf(type) {
  const parts = type.isUnion() ? type.types : [type];
  const object = parts.find(
    (part) => part.flags & ts.TypeFlags.Object && part.getCallSignatures().length === 0,
  );
  return object.getProperties();
}

function optionsType() {
  const source = program.getSourceFile(SOURCE);
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(source));
  return checker.getDeclaredTypeOfSymbol(exported.find(({ name }) => name === 'SessionLoggerOptions'));
}

/** All options by their paths: those of groups behind the group itself. */
function* optionsOf(type, prefix = '') {
  for (const property of propertiesOf(type)) {
    const path = prefix + property.name;
    yield { path, property };
    if (GROUPS.includes(path)) yield* optionsOf(checker.getTypeOfSymbol(property), `${path}.`);
  }
}

/** What its TSDoc says, without a default that stands in its own column, or with those of a group in its chapter. */
function meaningOf({ path, property }) {
  const text = ts.displayPartsToString(property.getDocumentationComment(checker));
  if (text === '') throw new Error(`The option ${path} has no TSDoc; write what it does.`);
  const plain = text.replaceAll(/\{@link (\w+) ?\}/g, '`$1`').replaceAll(/\s+/g, ' ');
  const unsaid = GROUPS.includes(path) ? OWN_DEFAULTS : SIMPLE_DEFAULT;
  return plain.replace(unsaid, '');
}

/** As it is declared, without what says only that it may be left out. */
function typeOf({ path, property }) {
  const declared = property.declarations[0].type.getText();
  if (GROUPS.includes(path)) return /\bboolean\b/.test(declared) ? '`boolean` or object' : 'object';
  return `\`${declared.replaceAll(/\s*\| undefined\b/g, '').replaceAll(/\s+/g, ' ')}\``;
}

/** What the option is where it is left out, as the module itself resolves it; some say it in their TSDoc alone. */
function defaultOf({ path, property }) {
  if (GROUPS.includes(path)) return '';
  const value = path.split('.').reduce((object, name) => object?.[name], DEFAULTS);
  if (value === undefined || (Array.isArray(value) && value.length === 0))
    return defaultSaid(property) ?? 'none';
  if (typeof value === 'number') return amount(value);
  return `\`${typeof value === 'string' ? `'${value}'` : value}\``;
}

function defaultSaid(property) {
  const text = ts.displayPartsToString(property.getDocumentationComment(checker));
  const [, flag, word] = /Default (?:(true|false)\.|`([\w-]+)`)/.exec(text) ?? [];
  return flag === undefined ? word && `\`'${word}'\`` : `\`${flag}\``;
}

function amount(value) {
  if (value >= MIB && value % MIB === 0) return `${value / MIB} MiB`;
  return value.toLocaleString('en-US');
}

function tableOf(options) {
  const rows = options.map((option) => [
    `\`${option.path}\``,
    typeOf(option),
    defaultOf(option),
    meaningOf(option),
  ]);
  const lines = [['option', 'type', 'default', 'meaning'], ['-', '-', '-', '-'], ...rows];
  return lines
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}

/** The group that an option is of; empty for one that stands by itself. */
const groupOf = ({ path }) => path.split('.').slice(0, -1).join('.');

async function page() {
  const options = [...optionsOf(optionsType())];
  const chapters = ['', ...GROUPS].map((group) => {
    const own = options.filter((option) => groupOf(option) === group);
    const title = group === '' ? 'The module' : `\`${group}\``;
    return `## ${title}\n\n${tableOf(own)}\n`;
  });
  const text = [INTRODUCTION, ...chapters].join('\n');
  return format(text, { ...(await resolveConfig(PAGE)), filepath: PAGE });
}

const wanted = await page();
if (process.argv.includes('--update')) writeFileSync(PAGE, wanted);
else if (readFileSync(PAGE, 'utf8') !== wanted) {
  process.stderr.write('docs/options.md is not what the options say; run `npm run api`.\n');
  process.exit(1);
}
