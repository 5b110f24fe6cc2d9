import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { findPostgres } from '../scripts/find-postgres.ts';
import { runTool } from '../scripts/run-tool.ts';
import type { Line, Part } from './line.ts';
import { canPin } from './load/pinned.ts';

const file = join(import.meta.dirname, '../docs/performance.md');

/** Writes docs/performance.md. */
export async function writeReport(
  parts: readonly Part[],
  run: { command: string; rounds: number },
): Promise<void> {
  const missed = parts.flatMap((part) => part.lines).filter((line) => line.met === false);
  const text = `# Performance

Made by \`${run.command}\`; do not edit it by hand. Targets are ratios measured in one run, because absolute figures
belong to a machine; those here are of this one:

${await describeMachine(run.rounds)}

${missed.length === 0 ? 'Every target is met.' : `Missed: ${missed.map((line) => line.what).join('; ')}.`}

${parts.map(toSection).join('\n')}`;
  writeFileSync(file, text);
}

/** The same as a console shows it. */
export function toText(part: Part): string {
  const rows = part.lines.map(
    (line) =>
      `  ${verdictOf(line).padEnd(7)} ${line.what}: ${line.figure}${line.target ? ` [${line.target}]` : ''}`,
  );
  return `${part.title} (${part.header})\n${rows.join('\n')}\n`;
}

function toSection(part: Part): string {
  const rows = part.lines.map(
    (line) => `| ${line.what} | ${line.figure} | ${line.target ?? ''} | ${verdictOf(line)} |`,
  );
  return `## ${part.title}

${part.about}

| what | ${part.header} | target | |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function verdictOf(line: Line): string {
  if (line.met === undefined) return '';
  return line.met ? 'met' : 'missed';
}

async function describeMachine(rounds: number): Promise<string> {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const postgres = await runTool(join(findPostgres() ?? '', 'postgres'), ['--version']);
  return [
    `- ${new Date().toISOString().slice(0, 10)}; ${platform()} ${release()}; ${availableParallelism()} cores of ${model}, ${Math.round(totalmem() / 2 ** 30)} GB`,
    `- Node ${process.version}, SQLite ${process.versions.sqlite ?? ''}, ${postgres.output.trim()} in its standard settings but for shared_buffers = 1GB`,
    `- ${canPin ? 'the server on one core, the load generator on the other; PostgreSQL wherever the system puts it' : 'nothing was pinned to a core'}`,
    `- ${rounds} rounds, taking turns; the spread in each line is what the noise was, and the load average at the end was ${loadavg()
      .map((value) => value.toFixed(1))
      .join(', ')}`,
  ].join('\n');
}
