import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolveTool } from '../../../scripts/resolve-tool.ts';

export type Planted = { path: string; text: string };

/** @returns whether the linter reported a rule, such as `style/noDefaultExport`, in a planted file, at a line if given */
export type Reported = (rule: string, path: string, line?: number) => boolean;

type Report = {
  diagnostics: { severity: string; category: string; location: { path: string; start: { line: number } } }[];
};

/** Puts files into an empty house that has nothing but our rules, and lets the linter go through it once. */
export async function lintPlanted(files: readonly Planted[]): Promise<Reported> {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const house = mkdtempSync(join(tmpdir(), 'keywright-house-'));
  try {
    for (const name of ['biome.json', '.gitignore']) cpSync(join(root, name), join(house, name));
    for (const { path, text } of files) {
      mkdirSync(join(house, dirname(path)), { recursive: true });
      writeFileSync(join(house, path), text);
    }
    const found = new Set<string>();
    for (const { severity, category, location } of (await lint(house)).diagnostics) {
      // A warning fails no check.
      if (severity !== 'error') continue;
      found.add(`${category} ${location.path}`).add(`${category} ${location.path}:${location.start.line}`);
    }
    return (rule, path, line) => found.has(`lint/${rule} ${path}${line === undefined ? '' : `:${line}`}`);
  } finally {
    rmSync(house, { recursive: true, force: true });
  }
}

function lint(folder: string): Promise<Report> {
  const args = [resolveTool('biome'), 'lint', '--reporter=json', '--max-diagnostics=none', '.'];
  return new Promise((resolve, reject) => {
    // Its exit code is 1 for what it found. Where it could not run at all, what it printed is no report.
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 64 << 20 }, (_error, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout));
      } catch (cause) {
        reject(new Error(`The linter gave no report: ${stderr}`, { cause }));
      }
    });
  });
}
