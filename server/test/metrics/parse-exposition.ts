import assert from 'node:assert/strict';

export type Sample = { name: string; labels: Record<string, string>; value: number };
export type Family = { name: string; help: string; type: string; samples: Sample[] };

const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const labelPair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/gy;
const number = /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|[+-]Inf|NaN)$/;
const suffixes: Readonly<Record<string, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
};

/**
 * Prometheus's text format 0.0.4, read as strictly as its server does, with what `promtool check metrics` asks for on top:
 * help and type once and before the samples, no sample twice, base units, counters that say `_total`, whole histograms.
 * @throws AssertionError for the first thing that is not so.
 */
export function parseExposition(text: string): Map<string, Family> {
  assert.ok(text.endsWith('\n'), 'the last line ends');
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let family: Family | undefined;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === 'HELP') {
      assert.ok(!families.has(name), `${name} comes once`);
      family = { name, help: rest, type: '', samples: [] };
      families.set(name, family);
    } else if (kind === 'TYPE') {
      assert.ok(family?.name === name && family.samples.length === 0, line);
      family.type = rest;
      assert.ok(rest in suffixes, line);
    } else {
      const sample = parseSample(line);
      assert.ok(!seen.has(line.replace(/ \S+$/, '')), `twice: ${line}`);
      seen.add(line.replace(/ \S+$/, ''));
      const ends = suffixes[family?.type ?? ''] ?? [];
      assert.ok(family !== undefined && ends.some((end) => family?.name + end === sample.name), line);
      family.samples.push(sample);
    }
  }
  for (const each of families.values()) assertSound(each);
  return families;
}

function parseSample(line: string): Sample {
  const [, name = '', labelText = '', valueText = ''] = sampleLine.exec(line) ?? assert.fail(line);
  assert.match(valueText, number, line);
  const labels: Record<string, string> = {};
  let read = 0;
  for (const match of labelText.matchAll(labelPair)) {
    const [pair, label = '', value = ''] = match;
    assert.ok(!(label in labels), line);
    labels[label] = value;
    read += pair.length;
  }
  assert.equal(read, labelText.length, line);
  return { name, labels, value: Number(valueText.replace('Inf', 'Infinity')) };
}

function assertSound({ name, help, type, samples }: Family): void {
  assert.ok(help.length > 5 && type !== '', name);
  assert.equal(type === 'counter', name.endsWith('_total'), name);
  assert.doesNotMatch(name, /milli|_ms$|_kb|minutes|_counter|_gauge/i);
  if (/duration|lag|age|remaining/.test(name)) assert.match(name, /_seconds$/);
  if (type === 'counter') for (const sample of samples) assert.ok(sample.value >= 0, name);
  if (type !== 'histogram') return;
  const series = Map.groupBy(samples, ({ labels }) => JSON.stringify({ ...labels, le: undefined }));
  for (const [key, parts] of series) {
    const buckets = parts.filter((part) => part.name === `${name}_bucket`);
    const ends = buckets.map(({ labels }) => Number(labels.le?.replace('Inf', 'Infinity')));
    assert.deepEqual(
      ends,
      [...ends].sort((a, b) => a - b),
      `${name} ${key}`,
    );
    assert.equal(ends.at(-1), Number.POSITIVE_INFINITY, `${name} ${key}`);
    for (const [index, bucket] of buckets.entries())
      assert.ok(bucket.value >= (buckets[index - 1]?.value ?? 0), `${name} ${key}`);
    assert.equal(parts.find((part) => part.name === `${name}_count`)?.value, buckets.at(-1)?.value, key);
    assert.ok((parts.find((part) => part.name === `${name}_sum`)?.value ?? -1) >= 0, key);
  }
}

/** The sum of the samples of this name whose labels hold these. */
export function sumOf(
  families: Map<string, Family>,
  name: string,
  labels: Record<string, string> = {},
): number {
  const samples = [...families.values()].flatMap((family) => family.samples);
  return samples
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0);
}
