import type { Writer } from '../../database/database.ts';
import type { Services } from '../context.ts';
import { AppError } from '../errors.ts';

/**
 * The pepper that new secrets use: the newest that was activated. Read in the transaction that makes the secret, so that
 * none is made under a pepper that has just been retired.
 * @throws AppError `unavailable` where this process does not hold it.
 */
export async function activePepperVersion(services: Services, tx: Writer): Promise<number> {
  const row = await tx
    .selectFrom('pepper')
    .select((eb) => eb.fn.max('version').as('version'))
    .where('activated_at', 'is not', null)
    .where('retired_at', 'is', null)
    .executeTakeFirst();
  const version = Number(row?.version ?? 0);
  if (!services.peppers.has(version)) {
    throw new AppError(
      'unavailable',
      `This node has not loaded pepper ${version}. Restart it with the current pepper file.`,
    );
  }
  return version;
}
