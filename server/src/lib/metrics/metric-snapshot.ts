import type { Histogram } from './histogram.ts';

export type Labels = Readonly<Record<string, string | number>>;

/**
 * One metric as it stood at one instant: plain data that can be sent to another process, as prom-client's
 * `getMetricsAsJSON` has it. `aggregator`: what becomes of it when processes are taken together.
 */
export type MetricSnapshot = {
  name: string;
  help: string;
  type: 'counter' | 'gauge' | 'histogram' | 'summary';
  aggregator: 'sum' | 'min' | 'max' | 'average' | 'first' | 'omit';
  values: { labels: Labels; value: number; metricName?: string }[];
};

type Value = readonly [labels: Labels, value: number];

export function counter(name: string, help: string, values: readonly Value[]): MetricSnapshot {
  return { name, help, type: 'counter', aggregator: 'sum', values: values.map(toSample) };
}

export function gauge(
  name: string,
  help: string,
  values: readonly Value[],
  aggregator: MetricSnapshot['aggregator'] = 'sum',
): MetricSnapshot {
  return { name, help, type: 'gauge', aggregator, values: values.map(toSample) };
}

export function histogram(
  name: string,
  help: string,
  values: readonly (readonly [Labels, Histogram])[],
): MetricSnapshot {
  const samples = values.flatMap(([labels, { bounds, counts, sum }]) => {
    let below = 0;
    const buckets = counts.map((count, index) => {
      below += count;
      return {
        labels: { ...labels, le: bounds[index] ?? '+Inf' },
        value: below,
        metricName: `${name}_bucket`,
      };
    });
    return [
      ...buckets,
      { labels, value: sum, metricName: `${name}_sum` },
      { labels, value: below, metricName: `${name}_count` },
    ];
  });
  return { name, help, type: 'histogram', aggregator: 'sum', values: samples };
}

function toSample([labels, value]: Value) {
  return { labels, value };
}
