import { z } from 'zod';
import type { Reader } from '../../database/database.ts';
import type { ConnectionTable } from '../../database/schema.ts';
import type { Ctx } from '../context.ts';

const endpointsSchema = z
  .union([z.literal('all'), z.array(z.string())])
  .meta({ description: 'All endpoints that the API has now and later, or those with these ids.' });

export const connectionSchema = z
  .object({ apiId: z.string(), endpoints: endpointsSchema })
  .meta({ id: 'Connection', description: 'Which endpoints of an API an application may call.' });

export const connectionsSchema = z.object({ connections: z.array(connectionSchema) });

export type Connection = z.infer<typeof connectionSchema>;
export type Connections = z.infer<typeof connectionsSchema>;

export function presentConnection(row: Pick<ConnectionTable, 'api_id' | 'endpoints'>): Connection {
  return { apiId: row.api_id, endpoints: endpointsSchema.parse(JSON.parse(row.endpoints)) };
}

/** The connections of an application of the organization, oldest API first. */
export async function findConnections(
  ctx: Ctx,
  reader: Reader,
  applicationId: string,
): Promise<Connection[]> {
  const rows = await reader
    .selectFrom('connection')
    .select(['api_id', 'endpoints'])
    .where('organization_id', '=', ctx.organizationId)
    .where('application_id', '=', applicationId)
    .orderBy('api_id')
    .execute();
  return rows.map(presentConnection);
}
