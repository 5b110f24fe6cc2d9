import { existsSync, statSync } from 'node:fs';
import type { Reader } from '../../database/database.ts';
import {
  type ComparedPepper,
  compareInstallationKeys,
} from '../../domain/peppers/compare-installation-keys.ts';
import { type PepperFile, parsePepperFile, readPepperFile } from '../../lib/pepper-file.ts';
import type { Settings } from '../settings.ts';
import { type Finding, hint, ok, wrong } from './finding.ts';

/** The peppers of this machine by themselves: there, whole, for their owner alone. */
export function checkPepperFile(settings: Settings): { findings: Finding[]; keys: PepperFile | undefined } {
  try {
    if (settings.peppers !== null) {
      const keys = parsePepperFile(settings.peppers, 'KEYWRIGHT_PEPPERS');
      return { findings: [ok('peppers', 'They are in the environment (KEYWRIGHT_PEPPERS).')], keys };
    }
    const path = settings.pepperFile;
    if (!existsSync(path)) {
      const remedy =
        'Without it no key can be verified. Restore it from your backup; on a new installation keywright serve makes it.';
      return { findings: [wrong('peppers', `${path} is missing.`, remedy)], keys: undefined };
    }
    return { findings: checkAccess(path), keys: readPepperFile(path) };
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    return {
      findings: [wrong('peppers', what, 'Every node needs the same peppers, whole.')],
      keys: undefined,
    };
  }
}

function checkAccess(path: string): Finding[] {
  const { mode, uid } = statSync(path);
  const findings: Finding[] = [];
  if ((mode & 0o077) !== 0) {
    const what = `Others on this machine can use ${path} (mode ${(mode & 0o777).toString(8)}).`;
    findings.push(
      wrong('peppers', what, `chmod 600 ${path}; and consider who has read it: keywright pepper rotate.`),
    );
  }
  const user = process.getuid?.();
  if (user !== undefined && user !== 0 && uid !== user) {
    const what = `${path} belongs to user ${uid}, and this is user ${user}.`;
    findings.push(wrong('peppers', what, 'Run Keywright as one user, and let the file be its own.'));
  }
  return findings.length > 0 ? findings : [ok('peppers', `${path} is there, for its owner alone.`)];
}

/** The peppers of this machine beside what the database says of them. */
export async function checkFingerprints(read: Reader, keys: PepperFile): Promise<Finding[]> {
  const { peppers, auditKey } = await compareInstallationKeys(read, keys);
  const findings = peppers.flatMap(checkPepper);
  if (auditKey === 'other') {
    const remedy = 'Every node needs the pepper file of this installation: bring the right one here.';
    findings.push(wrong('peppers', 'The audit key is not the one that this database was used with.', remedy));
  }
  return findings.length > 0
    ? findings
    : [ok('peppers', 'They are the ones that this database was used with.')];
}

function checkPepper({ version, recorded, atHand }: ComparedPepper): Finding[] {
  if (recorded === 'retired') {
    if (atHand === 'missing') return [];
    const remedy = `Nothing needs it any more. Remove it: keywright pepper retire ${version}`;
    return [hint('peppers', `Pepper ${version} is retired and still there.`, remedy)];
  }
  if (atHand === 'other') {
    const remedy = 'Every node needs the pepper file of this installation: bring the right one here.';
    return [wrong('peppers', `Pepper ${version} is not the one that this database was used with.`, remedy)];
  }
  if (recorded === 'active') {
    const remedy = 'Bring the pepper file of this installation here. Until then this node does not start.';
    return atHand === 'same' ? [] : [wrong('peppers', `Pepper ${version} is missing.`, remedy)];
  }
  if (recorded === 'unrecorded') {
    return [
      hint('peppers', `Pepper ${version} is new to the database.`, 'The next start records it, not active.'),
    ];
  }
  return [
    atHand === 'missing'
      ? hint(
          'peppers',
          `Pepper ${version} was added elsewhere and is missing here.`,
          'Bring the new pepper file here.',
        )
      : hint(
          'peppers',
          `Pepper ${version} waits to be activated.`,
          'When every node has it and was restarted: keywright pepper rotate --activate',
        ),
  ];
}
