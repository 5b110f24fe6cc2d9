import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findPostgres } from './find-postgres.ts';
import { findProgram } from './find-program.ts';
import { runTool } from './run-tool.ts';

type Need = { what: string; package: string; isThere: () => boolean };

const NEEDS: Need[] = [
  { what: 'PostgreSQL 15 or newer', package: 'postgresql', isThere: () => findPostgres() !== undefined },
  { what: 'nginx', package: 'nginx', isThere: () => findProgram('nginx') !== undefined },
  { what: 'Caddy', package: 'caddy', isThere: () => findProgram('caddy') !== undefined },
  { what: 'Chromium', package: 'chromium', isThere: () => findProgram('chromium') !== undefined },
  { what: 'pgbouncer', package: 'pgbouncer', isThere: () => findProgram('pgbouncer') !== undefined },
  { what: 'ip and ss', package: 'iproute2', isThere: () => findProgram('ip') !== undefined },
];

/**
 * Installs the programs that the tests need and that are missing, from Debian, as root or by `sudo -n`.
 * @throws Error that says what to install where this cannot be done
 */
export async function ensureDebianPackages(): Promise<void> {
  const missing = NEEDS.filter((need) => !need.isThere());
  if (missing.length === 0) return;
  const names = missing.map((need) => need.package);
  if (!isDebian()) {
    const what = missing.map((need) => need.what).join(', ');
    throw new Error(
      `The tests need ${what}: install what is missing so that it is on the PATH, and start again.`,
    );
  }
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  if (asRoot.length > 0 && (await runTool('sudo', ['-n', 'true'])).code !== 0) {
    throw new Error(`The tests need what is missing here. As root: apt-get install ${names.join(' ')}`);
  }
  console.error(`Installing from Debian for the tests: ${names.join(', ')}.`);
  const script = fileURLToPath(new URL('install-debian-packages.sh', import.meta.url));
  const [command = 'sh', ...args] = [...asRoot, 'sh', script, ...names];
  const { code, output } = await runTool(command, args);
  const left = NEEDS.filter((need) => !need.isThere()).map((need) => need.package);
  if (code !== 0 || left.length > 0) {
    throw new Error(
      `${output.trim()}\nCould not be installed: ${left.join(', ')}. Mend the above, and start again.`,
    );
  }
}

function isDebian(): boolean {
  const file = '/etc/os-release';
  return (
    existsSync(file) &&
    /^ID=debian$/m.test(readFileSync(file, 'utf8')) &&
    findProgram('apt-get') !== undefined
  );
}
