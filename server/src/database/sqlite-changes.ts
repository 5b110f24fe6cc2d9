import type { LocalChanges, LoggedChange } from './database.ts';
import type { SqliteConnection } from './sqlite-connection.ts';

/** Reads the change log on this connection, which is never inside a transaction: each read sees all that is committed. */
export function createLocalChanges(connection: SqliteConnection): LocalChanges {
  // Prepared when they are first used: the tables come with the first migration.
  let statements: ReturnType<typeof prepareStatements> | undefined;
  return {
    readPosition: () => {
      statements ??= prepareStatements(connection);
      const [[seq] = []] = statements.position([]) as [number][];
      if (seq === undefined) throw new Error('The change counter is missing.');
      return seq;
    },
    readAfter: (seq) => {
      statements ??= prepareStatements(connection);
      const changes = statements.after([seq]) as LoggedChange[];
      // Numbers have no gaps and each has a row: where the next one is not there, it was trimmed.
      return changes.length === 0 || changes[0]?.seq === seq + 1 ? changes : undefined;
    },
  };
}

function prepareStatements(connection: SqliteConnection) {
  return {
    position: connection.prepare('select seq from change_counter where id = 1', { asLists: true }),
    after: connection.prepare(
      `select seq, kind, subject, organization_id as "organizationId" from change_log where seq > ? order by seq`,
    ),
  };
}
