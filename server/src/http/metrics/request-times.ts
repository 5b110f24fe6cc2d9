import { createHistogram, type Histogram, observe } from '../../lib/metrics/histogram.ts';
import { histogram, type Labels, type MetricSnapshot } from '../../lib/metrics/metric-snapshot.ts';

/** Seconds. A verification from memory takes well below a millisecond. */
const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export type NoteRequest = (status: number, seconds: number) => void;
export type RequestTimes = {
  /** For requests of one route: notes the status that one was answered with, and how long that took. */
  of: (listener: 'api' | 'gateway', method: string, route: string) => NoteRequest;
  snapshot: () => MetricSnapshot;
};

/** Counts requests by route and status. Routes are templates, of which there are as many as the program has. */
export function createRequestTimes(): RequestTimes {
  const known: [Labels, Histogram][] = [];
  const notes = new Map<string, NoteRequest>();

  function createNote(labels: Labels): NoteRequest {
    const byStatus = new Map<number, Histogram>();
    return (status, seconds) => {
      let times = byStatus.get(status);
      if (times === undefined) {
        times = createHistogram(bounds);
        byStatus.set(status, times);
        known.push([{ ...labels, status }, times]);
      }
      observe(times, seconds);
    };
  }

  return {
    of: (listener, method, route) => {
      const key = `${listener} ${method} ${route}`;
      const found = notes.get(key) ?? createNote({ listener, method, route });
      notes.set(key, found);
      return found;
    },
    snapshot: () =>
      histogram(
        'keywright_http_request_duration_seconds',
        'From a request (its headers) to its answer, by listener, method, route and status.',
        known,
      ),
  };
}
