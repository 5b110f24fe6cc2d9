/** How long very many things took, to about 5 %: counts by duration, so that a long run costs no more memory than a short one. */
export type Durations = { counts: number[]; longest: number };

const least = 0.05;
const step = 1.1;

export function noDurations(): Durations {
  return { counts: [], longest: 0 };
}

export function addDuration(durations: Durations, milliseconds: number): void {
  const place = Math.max(0, Math.ceil(Math.log(milliseconds / least) / Math.log(step)));
  durations.counts[place] = (durations.counts[place] ?? 0) + 1;
  durations.longest = Math.max(durations.longest, milliseconds);
}

/** Milliseconds within which this share (0 to 1) was done. */
export function durationOf({ counts, longest }: Durations, share: number): number {
  const wanted = share * counts.reduce((sum, count) => sum + (count ?? 0), 0);
  let seen = 0;
  for (const [place, count] of counts.entries()) {
    seen += count ?? 0;
    if (seen >= wanted && seen > 0) return Math.min(longest, least * step ** place);
  }
  return longest;
}

export function sumOfDurations(all: readonly Durations[]): Durations {
  const sum = noDurations();
  for (const { counts, longest } of all) {
    for (const [place, count] of counts.entries())
      sum.counts[place] = (sum.counts[place] ?? 0) + (count ?? 0);
    sum.longest = Math.max(sum.longest, longest);
  }
  return sum;
}
