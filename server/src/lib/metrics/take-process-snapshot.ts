import { collectDefaultMetrics, Registry } from 'prom-client';
import type { MetricSnapshot } from './metric-snapshot.ts';

/** Of all that there is about a process, what an operator asks for. */
const told =
  /^(process_(cpu_seconds_total|resident_memory_bytes|open_fds|max_fds|start_time_seconds)|nodejs_(eventloop_lag_(p50|p90|p99|max)_seconds|heap_size_(total|used)_bytes|external_memory_bytes|gc_duration_seconds|version_info))$/;

const aggregators: Readonly<Record<string, MetricSnapshot['aggregator']>> = {
  // Of several event loops the slowest one counts: the average hides it.
  nodejs_eventloop_lag_seconds: 'max',
  // The node's, which is the first of them.
  process_start_time_seconds: 'min',
  process_max_fds: 'min',
};

/** Of a process there is one, however many Keywrights run in it. */
let registry: Registry | undefined;

/** Processor time, memory, event loop, garbage collection of this process, by the names that dashboards know. */
export async function takeProcessSnapshot(): Promise<MetricSnapshot[]> {
  const metrics = (await watchProcess().getMetricsAsJSON()) as unknown as MetricSnapshot[];
  return metrics
    .filter(({ name }) => told.test(name))
    .map(({ name, help, type, aggregator, values }) => ({
      name,
      help,
      type,
      aggregator: aggregators[name.replace(/_p\d\d|_max/, '')] ?? aggregator,
      // No number is what a delay is that was not measured yet; JSON has no word for it.
      values: values.filter(({ value }) => Number.isFinite(value)),
    }));
}

/** Begins to measure, if that was not done before. */
export function watchProcess(): Registry {
  if (registry === undefined) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry });
  }
  return registry;
}
