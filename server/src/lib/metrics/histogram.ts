/** Plain numbers that are added to where something happens, and read when somebody asks. `counts` has one place more than `bounds`. */
export type Histogram = { readonly bounds: readonly number[]; readonly counts: number[]; sum: number };

/** @param bounds the upper ends of the buckets, ascending, in the unit of what is observed. */
export function createHistogram(bounds: readonly number[]): Histogram {
  return { bounds, counts: Array.from({ length: bounds.length + 1 }, () => 0), sum: 0 };
}

export function observe(histogram: Histogram, value: number): void {
  const { bounds, counts } = histogram;
  let bucket = 0;
  while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket += 1;
  counts[bucket] = (counts[bucket] as number) + 1;
  histogram.sum += value;
}
