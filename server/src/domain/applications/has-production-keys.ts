import type { Reader } from '../../database/database.ts';
import type { Ctx } from '../context.ts';
import { selectKeysOfApplication } from './select-keys-of-application.ts';

/** Whether what is done to the application is done to production keys. */
export async function hasProductionKeys(ctx: Ctx, reader: Reader, applicationId: string): Promise<boolean> {
  const key = await selectKeysOfApplication(ctx, reader, applicationId)
    .select('api_key.id')
    .where('api_key.environment', '=', 'production')
    .limit(1)
    .executeTakeFirst();
  return key !== undefined;
}
