import { AggregatorRegistry } from 'prom-client';
import type { MetricSnapshot } from './metric-snapshot.ts';

/** What several processes say, as one process would say it, in Prometheus's text format 0.0.4. */
export function renderSnapshots(snapshots: readonly (readonly MetricSnapshot[])[]): Promise<string> {
  return AggregatorRegistry.aggregate([...snapshots]).metrics();
}

/** Of the processes that are gone, what must go on being counted: a sum that falls is taken for a restart. */
export async function sumUp(snapshots: readonly (readonly MetricSnapshot[])[]): Promise<MetricSnapshot[]> {
  const joined = await AggregatorRegistry.aggregate([...snapshots]).getMetricsAsJSON();
  return (joined as unknown as MetricSnapshot[])
    .filter(({ type }) => type !== 'gauge')
    .map(({ name, help, type, aggregator, values }) => ({ name, help, type, aggregator, values }));
}

export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8';
