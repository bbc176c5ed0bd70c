import type { Attributes, BatchObservableResult, Meter, Observable } from '@opentelemetry/api';
import type { SessionLoggerStats } from '../session-logger.stats.js';
import { FIGURES, type Figure } from './figures.js';

/**
 * Makes the instruments, which are read together, once a collection.
 *
 * @param attributes those of all values
 * @returns what undoes it
 */
export function observe(meter: Meter, read: () => SessionLoggerStats, attributes: Attributes): () => void {
  const instruments = FIGURES.map((figure) => [figure, instrumentOf(meter, figure)] as const);
  const observables = instruments.map(([, instrument]) => instrument);
  const callback = (result: BatchObservableResult): void => {
    const stats = read();
    for (const [figure, instrument] of instruments) observeOne(result, figure, instrument, stats, attributes);
  };
  meter.addBatchObservableCallback(callback, observables);
  return () => meter.removeBatchObservableCallback(callback, observables);
}

function instrumentOf(meter: Meter, { kind, name, unit, description }: Figure): Observable {
  const options = { unit, description };
  return kind === 'counter'
    ? meter.createObservableCounter(name, options)
    : meter.createObservableUpDownCounter(name, options);
}

function observeOne(
  result: BatchObservableResult,
  { read, attribute = '' }: Figure,
  instrument: Observable,
  stats: SessionLoggerStats,
  attributes: Attributes,
): void {
  const values = read(stats);
  if (typeof values === 'number') return result.observe(instrument, values, attributes);
  for (const [key, value] of Object.entries(values))
    result.observe(instrument, value, { ...attributes, [attribute]: key });
}
