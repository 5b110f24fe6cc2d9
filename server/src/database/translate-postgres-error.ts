import pg from 'pg';
import { UnavailableError } from '../lib/unavailable-error.ts';

/**
 * SQLSTATE classes and codes that mean "not now" or "not here": connection, password, resources, operator and time-outs, its own
 * faults, locks, and a database that is gone or may only be read. (PostgreSQL, appendix A)
 */
const unavailableStates = /^(08|28|53|57|58|XX|3D000|55P03|25006|25P03|40001|40P01)/;

/** Runs `action`; what means that the database cannot be used now is thrown as an UnavailableError. */
export async function translating<Result>(action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    const code = codeOf(error);
    if (isFromServer(error) && !unavailableStates.test(code)) throw error;
    throw new UnavailableError(code, { cause: error });
  }
}

/** What the server said, with an SQLSTATE; anything else is a broken connection or a time-out of the driver's own. */
export function isFromServer(error: unknown): boolean {
  return error instanceof pg.DatabaseError;
}

/** The driver's code, or for its own time-outs and broken connections, which carry none, a fixed word. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : 'connection_failed';
}
