import { existsSync, type Stats, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Reader } from '../../database/database.ts';
import { inspectSqlite, type SqliteFacts } from '../../database/inspect-sqlite.ts';
import { UnavailableError } from '../../lib/unavailable-error.ts';
import { checkVersion } from './check-version.ts';
import { type Finding, ok, wrong } from './finding.ts';

const leastFreeBytes = 100_000_000;

/** File systems whose locks SQLite cannot rely on, by their magic number (statfs(2)): NFS, SMB, CIFS, SMB2. */
const networkFileSystems = new Set([0x6969, 0x517b, 0xff534d42, 0xfe534d42]);

/** Looks at the file, its folder and the disk; `action` goes on with the database, where it can be read. */
export async function checkSqlite(
  path: string,
  action: (read: Reader) => Promise<Finding[]>,
): Promise<Finding[]> {
  if (!existsSync(path)) {
    const remedy =
      'On a new installation keywright serve makes it. Otherwise look at KEYWRIGHT_DATA_DIR, or restore a backup.';
    return [wrong('database', `There is no database at ${path}.`, remedy)];
  }
  const findings = [...checkFiles(path), ...checkDisk(path)];
  try {
    return await inspectSqlite(path, async (facts, read) => {
      const version = checkVersion(facts.version);
      const readable = facts.version > 0 && facts.damage.length === 0;
      return [...findings, version, ...checkFacts(path, facts), ...(readable ? await action(read) : [])];
    });
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    const remedy =
      'Look at its owner and mode; if it is damaged, restore a backup: keywright restore <file>.';
    return [...findings, wrong('database', `${path} cannot be read (${error.reason}).`, remedy)];
  }
}

function checkFacts(path: string, { damage, journalMode }: SqliteFacts): Finding[] {
  const findings: Finding[] = [];
  const [first] = damage;
  if (first === undefined) findings.push(ok('database', `${path} is whole.`));
  else {
    const remedy = 'Stop Keywright, keep the file, and restore a backup: keywright restore <file>.';
    findings.push(wrong('database', `${path} is damaged: ${first}`, remedy));
  }
  if (journalMode !== 'wal') {
    const remedy = 'keywright serve sets it when it starts; nothing else should change it.';
    findings.push(wrong('database', `Its journal mode is ${journalMode}, not wal.`, remedy));
  }
  return findings;
}

function checkFiles(path: string): Finding[] {
  const folder = dirname(path);
  const findings: Finding[] = [];
  const inFolder = statSync(folder);
  const inFile = statSync(path);
  if ((inFolder.mode & 0o022) !== 0) {
    findings.push(
      wrong(
        'database',
        `Others can write into ${folder}, and so replace the database.`,
        `chmod 700 ${folder}`,
      ),
    );
  } else if ((inFolder.mode & 0o011) !== 0 && (inFile.mode & 0o066) !== 0) {
    findings.push(wrong('database', `Others on this machine can read ${path}.`, `chmod 700 ${folder}`));
  } else findings.push(ok('database', `${folder} is closed to others.`));
  const owner = foreignOwner(inFile) ?? foreignOwner(inFolder);
  if (owner !== undefined) {
    const what = `${path} or its folder belongs to user ${owner}, and this is user ${process.getuid?.()}.`;
    findings.push(
      wrong('database', what, 'Run Keywright and its commands as one user, or change the owner.'),
    );
  }
  return findings;
}

/** The superuser may look after anybody's files. */
function foreignOwner(stats: Stats): number | undefined {
  const user = process.getuid?.();
  return user === undefined || user === 0 || stats.uid === user ? undefined : stats.uid;
}

function checkDisk(path: string): Finding[] {
  const disk = statfsSync(path);
  const findings: Finding[] = [];
  if (networkFileSystems.has(Number(disk.type))) {
    const remedy = 'Put KEYWRIGHT_DATA_DIR on a local disk, or use PostgreSQL (KEYWRIGHT_DATABASE_URL).';
    findings.push(
      wrong('disk', `${path} is on a network file system, which cannot lock it reliably.`, remedy),
    );
  }
  const free = Number(disk.bavail) * Number(disk.bsize);
  const needed = Math.max(leastFreeBytes, statSync(path).size);
  const megabytes = (bytes: number) => `${Math.floor(bytes / 1_000_000)} MB`;
  if (free >= needed) findings.push(ok('disk', `${megabytes(free)} are free.`));
  else {
    const what = `Only ${megabytes(free)} are free; ${megabytes(needed)} should be, for the log and a backup.`;
    findings.push(wrong('disk', what, 'Make room, or move KEYWRIGHT_DATA_DIR to a larger disk.'));
  }
  return findings;
}
