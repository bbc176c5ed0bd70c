import type { SessionLoggerStats } from '../session-logger.stats.js';

/** One figure, as a meter is told of it. */
export interface Figure {
  /** A `counter` only grows; an `updown` is what is held now. */
  readonly kind: 'counter' | 'updown';
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  /** The value, or values by an attribute. */
  readonly read: (stats: SessionLoggerStats) => number | Readonly<Record<string, number>>;
  /** What the values are told apart by. */
  readonly attribute?: string;
}

const PREFIX = 'session_logger';
const SINK = `${PREFIX}.sink.name`;
const KIND = `${PREFIX}.trouble.kind`;

/** All figures but the histogram; as OpenTelemetry's conventions have it, no name is a plural. */
export const FIGURES: readonly Figure[] = [
  figure('counter', 'entry.accepted', '{entry}', 'Entries and ends accepted', ({ accepted }) => accepted),
  figure('counter', 'entry.refused', '{entry}', 'Calls refused', ({ refused }) => refused),
  figure(
    'counter',
    'entry.distributed',
    '{entry}',
    'Entries and ends handed on',
    (stats) => stats.distributed,
  ),
  figure(
    'counter',
    'queue.dropped',
    '{entry}',
    'Dropped by a full central queue',
    ({ queue }) => queue.dropped,
  ),
  figure('updown', 'queue.length', '{entry}', 'In the central queue', ({ queue }) => queue.entries),
  figure('updown', 'queue.size', 'By', 'Bytes in the central queue, by estimate', ({ queue }) => queue.bytes),
  figure('updown', 'queue.waiting', '{call}', 'Calls that wait for room', ({ queue }) => queue.waiting),
  figure('updown', 'redaction.held', '{entry}', 'Held back by redaction', ({ redaction }) => redaction.held),
  figure('counter', 'redaction.masked', '{secret}', 'Secrets masked', ({ redaction }) => redaction.masked),
  figure('updown', 'session.count', '{session}', 'Session logs in this process', ({ sessions }) => sessions),
  figure('updown', 'reader.count', '{reader}', 'Open readers in this process', ({ readers }) => readers),
  figure(
    'updown',
    'retained.count',
    '{entry}',
    'Entries held in this process',
    ({ retained }) => retained.entries,
  ),
  figure('updown', 'retained.size', 'By', 'Bytes held, by estimate', ({ retained }) => retained.bytes),
  figure('counter', 'sink.written', '{entry}', 'Written by a sink, or the store', bySink('written'), SINK),
  figure('counter', 'sink.failed', '{entry}', 'Lost as a sink, or the store, failed', bySink('failed'), SINK),
  figure('counter', 'sink.dropped', '{entry}', 'Lost as a sink was too slow', bySink('dropped'), SINK),
  figure('updown', 'sink.pending', '{entry}', 'Waiting for a sink, or the store', bySink('pending'), SINK),
  figure('counter', 'trouble.count', '{trouble}', 'What went wrong', ({ troubles }) => troubles, KIND),
];

function figure(
  kind: Figure['kind'],
  name: string,
  unit: string,
  description: string,
  read: Figure['read'],
  attribute?: string,
): Figure {
  const one = { kind, name: `${PREFIX}.${name}`, unit, description, read };
  return attribute === undefined ? one : { ...one, attribute };
}

function bySink(
  count: 'written' | 'failed' | 'dropped' | 'pending',
): (stats: SessionLoggerStats) => Record<string, number> {
  return ({ sinks, store }) =>
    Object.fromEntries(Object.entries({ ...sinks, store }).map(([name, outlet]) => [name, outlet[count]]));
}
