import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Bench } from '../context.ts';
import type { Line, Part } from '../line.ts';
import { withSpread } from '../statistics.ts';

const main = join(import.meta.dirname, '../../server/src/main.ts');

/** GitHub's description of its REST API, imported for the first time, and again without a change. */
export async function benchImport(bench: Bench): Promise<Part> {
  const packageFolder = join(createRequire(import.meta.url).resolve('@octokit/openapi'), '..');
  const text = readFileSync(join(packageFolder, 'generated/api.github.com.json'), 'utf8');
  const document = JSON.parse(text) as unknown;
  const lines: Line[] = [];
  let operations = 0;
  for (const kind of ['sqlite', 'postgres'] as const) {
    const database = await bench.database(kind, 1_000);
    const server = await bench.start([main, 'serve'], database.environment);
    const first: number[] = [];
    const again: number[] = [];
    for (let round = 0; round < bench.rounds; round++) {
      const body = JSON.stringify({ slug: `github-${round}`, document });
      for (const times of [first, again]) {
        const started = performance.now();
        const response = await fetch(`${server.url}/v1/apis/import`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${database.managementSecret}`,
            'content-type': 'application/json',
          },
          body,
        });
        const answer = (await response.json()) as { report?: { added: unknown[] } };
        times.push(performance.now() - started);
        if (!response.ok) throw new Error(`The import was answered with ${response.status}.`);
        if (times === first) operations = answer.report?.added.length ?? 0;
      }
    }
    await server.stop();
    lines.push(
      { what: `${kind}: first import`, figure: withSpread(first, 0) },
      { what: `${kind}: again, nothing changed`, figure: withSpread(again, 0) },
    );
  }
  const megabytes = (Buffer.byteLength(text) / 1e6).toFixed(1);
  return {
    title: "Import of GitHub's OpenAPI description",
    about: `${megabytes} MB of JSON, ${operations.toLocaleString('en')} operations, over HTTP.`,
    header: 'milliseconds, median of the rounds (least to most)',
    lines,
  };
}
