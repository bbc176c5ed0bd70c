/** Arrows run one way: entry <- store, sinks <- queue <- service <- http <- module <- index. */
const top = (name) => `^src/session-logger\\.(${name})\\.ts$`;

/** A room may import itself and what is named; the errors are everybody's. */
const room = (name, allowed) => ({
  name: `room-${name}`,
  severity: 'error',
  comment: `src/${name} imports only itself, the errors and what this rule names`,
  from: { path: `^src/${name}/` },
  to: { path: '^src/', pathNot: [`^src/${name}/`, top('errors'), ...allowed] },
});

const PORTS = ['^src/store/session-store\\.interface\\.ts$', '^src/sinks/log-sink\\.interface\\.ts$'];

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    room('entry', []),
    room('store', ['^src/entry/']),
    room('sinks', ['^src/entry/']),
    room('queue', ['^src/entry/', ...PORTS]),
    {
      ...room('client', ['^src/entry/', '^src/segments/session-segment\\.ts$']),
      comment: 'runs in browsers: of other rooms only the types',
    },
    room('capture', ['^src/entry/']),
    room('segments', ['^src/entry/', '^src/client/segment-list\\.ts$']),
    room('redaction', ['^src/entry/', '^src/queue/(central-queue|redaction\\.interface)\\.ts$']),
    room('telemetry', ['^src/entry/', '^src/queue/intake\\.ts$', top('stats'), PORTS[0]]),
    room('opentelemetry', ['^src/telemetry/', '^src/queue/intake\\.ts$', top('stats')]),
    room('terminus', ['^src/queue/outlet\\.ts$', top('service')]),
    room('options', [
      '^src/telemetry/',
      '^src/redaction/',
      '^src/entry/',
      '^src/queue/',
      '^src/store/',
      '^src/sinks/',
    ]),
    room('http', [
      '^src/entry/',
      '^src/options/',
      '^src/segments/',
      '^src/telemetry/',
      top('service|reporter'),
      PORTS[0],
      '^src/sinks/file/read-log-files\\.ts$',
    ]),
    room('context', ['^src/entry/', '^src/options/', '^src/queue/', top('reporter')]),
    room('redis', ['^src/entry/', PORTS[0], '^src/store/(turn-queue|too-many-readers)\\.ts$']),
    room('cli', [
      '^src/client/index\\.ts$',
      '^src/entry/',
      '^src/segments/',
      '^src/sinks/file/read-log-files\\.ts$',
      '^src/sinks/terminal/terminal-text\\.ts$',
    ]),
    room('schematics', []),
    room('testing', [
      '^src/client/event-parser\\.ts$',
      '^src/entry/',
      '^src/options/',
      top('module|service'),
      PORTS[0],
    ]),
    {
      name: 'own-entry-points',
      severity: 'error',
      comment: 'what the main entry imports must not load an optional peer',
      from: { path: '^src/', pathNot: '^src/(cli|client|redis|schematics|testing|opentelemetry|terminus)/' },
      to: {
        path: '^src/(cli|client|redis|schematics|testing|opentelemetry|terminus)/',
        pathNot: '^src/client/segment-list\\.ts$',
      },
    },
    {
      name: 'module-only-from-index',
      severity: 'error',
      from: {
        pathNot: ['^src/index\\.ts$', '^src/testing/session-logger-testing\\.module\\.ts$', '\\.spec\\.ts$'],
      },
      to: { path: top('module') },
    },
    {
      name: 'concrete-parts-only-from-providers',
      severity: 'error',
      comment: 'stores and sinks are named by the providers alone; their options by the options, as types',
      from: {
        path: '^src/',
        pathNot: [
          '^src/(store|sinks|redaction)/',
          '^src/index\\.ts$',
          top('providers'),
          '^src/options/',
          '\\.spec\\.ts$',
        ],
      },
      to: {
        path: [
          '^src/store/(memory-|session-shelf)',
          '^src/redaction/redactor\\.ts$',
          '^src/sinks/.*\\.sink\\.ts$',
        ],
      },
    },
    {
      name: 'http-only-from-module',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/http/', top('module'), '\\.spec\\.ts$'] },
      to: { path: '^src/http/' },
    },
    {
      name: 'sample-app-by-package-name',
      severity: 'error',
      comment: 'the sample app imports the package by its name, as a user does',
      from: { path: '^sample-app/' },
      to: { path: '^src/', pathNot: '^src/index\\.ts$' },
    },
    {
      name: 'no-unresolved',
      severity: 'error',
      comment: 'but what pages are served of the built client',
      from: {},
      to: { couldNotResolve: true, pathNot: '^\\.\\./client/index\\.js$' },
    },
    {
      name: 'no-dev-dependencies-in-src',
      severity: 'error',
      comment: 'but the types of the compiler that the Nest CLI brings',
      from: { path: '^src/', pathNot: ['\\.spec\\.ts$', '^src/schematics/'] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional'] },
    },
    {
      name: 'schematics-load-nothing',
      severity: 'error',
      comment: 'nest add runs in the CLI: of packages only the types of the compiler',
      from: { path: '^src/schematics/', pathNot: '\\.spec\\.ts$' },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-peer', 'npm-optional'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '\\.spec\\.ts$' },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
    exclude: { path: '(^|/)dist/' },
  },
};
