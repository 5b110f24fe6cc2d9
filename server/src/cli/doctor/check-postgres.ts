import type { Reader } from '../../database/database.ts';
import { inspectPostgres, type PostgresFacts } from '../../database/inspect-postgres.ts';
import { readVersion } from '../../database/migrate.ts';
import { openPostgresToLook } from '../../database/open.ts';
import type { Clock } from '../../lib/clock.ts';
import { UnavailableError } from '../../lib/unavailable-error.ts';
import { checkNotifications } from './check-notifications.ts';
import { checkVersion } from './check-version.ts';
import { type Finding, hint, ok, wrong } from './finding.ts';

const oldestServerVersion = 150_000;
const largestClockDifferenceMs = 1_000;
const longTransactionSeconds = 60;

/** Looks at the server; `action` goes on with the database, where it can be read. The URL, which holds a password, is not shown. */
export async function checkPostgres(
  url: string,
  clock: Clock,
  action: (read: Reader) => Promise<Finding[]>,
): Promise<Finding[]> {
  const database = openPostgresToLook(url);
  try {
    // The first query connects; the second one's time on the way is what the clocks are compared over.
    const version = await readVersion(database);
    const asked = clock();
    const facts = await inspectPostgres(database.read, longTransactionSeconds);
    const answered = clock();
    return [
      checkVersion(version),
      ...checkServer(facts),
      checkClocks(facts.now, asked, answered),
      ...checkTransactions(facts),
      ...(facts.isReplica ? [] : await checkNotifications(url)),
      ...(version > 0 ? await action(database.read) : []),
    ];
  } catch (error) {
    // A code only: the driver's own text can show parts of the URL.
    const reason = error instanceof UnavailableError ? error.reason : (error as { code?: unknown }).code;
    if (typeof reason !== 'string') throw error;
    const remedy =
      'Look at KEYWRIGHT_DATABASE_URL, and whether PostgreSQL runs, takes connections, has the database and knows the user.';
    return [wrong('database', `PostgreSQL cannot be used (${reason}).`, remedy)];
  } finally {
    await database.close();
  }
}

function checkServer(facts: PostgresFacts): Finding[] {
  const findings: Finding[] = [];
  const add = (isWrong: boolean, what: string, remedy: string) => {
    if (isWrong) findings.push(wrong('database', what, remedy));
  };
  const version = `${Math.floor(facts.serverVersion / 10_000)}.${facts.serverVersion % 10_000}`;
  if (facts.serverVersion >= oldestServerVersion)
    findings.push(ok('database', `PostgreSQL ${version} answers.`));
  add(
    facts.serverVersion < oldestServerVersion,
    `This is PostgreSQL ${version}.`,
    'Use PostgreSQL 15 or newer.',
  );
  add(
    facts.isReplica,
    'This is a replica: it cannot write, and may be behind.',
    'Point KEYWRIGHT_DATABASE_URL at the primary.',
  );
  add(
    facts.encoding !== 'UTF8',
    `The encoding of the database is ${facts.encoding}.`,
    'Create it with encoding UTF8.',
  );
  add(
    !facts.fsync,
    'fsync is off: a crash can lose what was acknowledged, and the database.',
    'Set fsync = on.',
  );
  add(
    facts.synchronousCommit === 'off',
    'synchronous_commit is off: a crash can lose a revocation that was acknowledged.',
    'Set synchronous_commit = on.',
  );
  const { synchronous, asynchronous } = facts.replicas;
  if (asynchronous > 0 && synchronous === 0) {
    const remedy =
      'Fail over to a synchronous replica (synchronous_standby_names) or to none: an asynchronous one may lack a revocation.';
    findings.push(hint('database', `All ${asynchronous} replicas are asynchronous.`, remedy));
  }
  return findings;
}

/** The database's clock was read somewhere between the two instants of ours. */
function checkClocks(theirs: number, asked: number, answered: number): Finding {
  const apart = Math.round(Math.max(asked - theirs, theirs - answered, 0));
  if (apart <= largestClockDifferenceMs) return ok('clock', "It agrees with the database's.");
  const what = `It and the database's are ${apart} ms apart.`;
  return wrong('clock', what, 'Let both machines keep time by NTP (timedatectl).');
}

function checkTransactions({ longTransactions }: PostgresFacts): Finding[] {
  return longTransactions.map(({ pid, seconds }) =>
    wrong(
      'database',
      `Process ${pid} has had a transaction open for ${seconds} s, which keeps PostgreSQL from cleaning up.`,
      `End it where it belongs, or: select pg_terminate_backend(${pid});`,
    ),
  );
}
