import type { Reader } from '../../database/database.ts';
import type { Ctx } from '../context.ts';

/**
 * The keys of an application that are not deleted, as the beginning of a query. Reached through the application, so
 * that both databases look at its keys and not at the organization's.
 */
export function selectKeysOfApplication(ctx: Ctx, reader: Reader, applicationId: string) {
  return reader
    .selectFrom('application')
    .innerJoin('api_key', 'api_key.application_id', 'application.id')
    .where('application.organization_id', '=', ctx.organizationId)
    .where('application.id', '=', applicationId)
    .where('api_key.deleted_at', 'is', null);
}
